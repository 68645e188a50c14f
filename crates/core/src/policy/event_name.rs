//! The 33 events of Keycloak 26.7.4 that are not SAML's, by name, and sets of them.

/// An event by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventName {
    Register,
    Registered,
    Update,
    Updated,
    View,
    Unregister,
    PreAuthorizationRequest,
    AuthorizationRequest,
    PushedAuthorizationRequest,
    BackchannelAuthenticationRequest,
    DeviceAuthorizationRequest,
    PreTokenRequest,
    TokenRequest,
    TokenRefresh,
    ServiceAccountTokenRequest,
    ResourceOwnerPasswordCredentialsRequest,
    TokenExchangeRequest,
    JwtAuthorizationGrant,
    DeviceTokenRequest,
    BackchannelTokenRequest,
    TokenIntrospect,
    TokenRevoke,
    UserInfoRequest,
    LogoutRequest,
    IdentityBrokeringApi,
    TokenResponse,
    TokenRefreshResponse,
    ServiceAccountTokenResponse,
    ResourceOwnerPasswordCredentialsResponse,
    DeviceTokenResponse,
    BackchannelTokenResponse,
    ImplicitHybridTokenResponse,
    TokenRevokeResponse,
}

/// Every event, in the order of their numbers.
pub const EVENTS: [EventName; 33] = [
    EventName::Register,
    EventName::Registered,
    EventName::Update,
    EventName::Updated,
    EventName::View,
    EventName::Unregister,
    EventName::PreAuthorizationRequest,
    EventName::AuthorizationRequest,
    EventName::PushedAuthorizationRequest,
    EventName::BackchannelAuthenticationRequest,
    EventName::DeviceAuthorizationRequest,
    EventName::PreTokenRequest,
    EventName::TokenRequest,
    EventName::TokenRefresh,
    EventName::ServiceAccountTokenRequest,
    EventName::ResourceOwnerPasswordCredentialsRequest,
    EventName::TokenExchangeRequest,
    EventName::JwtAuthorizationGrant,
    EventName::DeviceTokenRequest,
    EventName::BackchannelTokenRequest,
    EventName::TokenIntrospect,
    EventName::TokenRevoke,
    EventName::UserInfoRequest,
    EventName::LogoutRequest,
    EventName::IdentityBrokeringApi,
    EventName::TokenResponse,
    EventName::TokenRefreshResponse,
    EventName::ServiceAccountTokenResponse,
    EventName::ResourceOwnerPasswordCredentialsResponse,
    EventName::DeviceTokenResponse,
    EventName::BackchannelTokenResponse,
    EventName::ImplicitHybridTokenResponse,
    EventName::TokenRevokeResponse,
];

impl EventName {
    /// Keycloak's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "REGISTER",
            Self::Registered => "REGISTERED",
            Self::Update => "UPDATE",
            Self::Updated => "UPDATED",
            Self::View => "VIEW",
            Self::Unregister => "UNREGISTER",
            Self::PreAuthorizationRequest => "PRE_AUTHORIZATION_REQUEST",
            Self::AuthorizationRequest => "AUTHORIZATION_REQUEST",
            Self::PushedAuthorizationRequest => "PUSHED_AUTHORIZATION_REQUEST",
            Self::BackchannelAuthenticationRequest => "BACKCHANNEL_AUTHENTICATION_REQUEST",
            Self::DeviceAuthorizationRequest => "DEVICE_AUTHORIZATION_REQUEST",
            Self::PreTokenRequest => "PRE_TOKEN_REQUEST",
            Self::TokenRequest => "TOKEN_REQUEST",
            Self::TokenRefresh => "TOKEN_REFRESH",
            Self::ServiceAccountTokenRequest => "SERVICE_ACCOUNT_TOKEN_REQUEST",
            Self::ResourceOwnerPasswordCredentialsRequest => "RESOURCE_OWNER_PASSWORD_CREDENTIALS_REQUEST",
            Self::TokenExchangeRequest => "TOKEN_EXCHANGE_REQUEST",
            Self::JwtAuthorizationGrant => "JWT_AUTHORIZATION_GRANT",
            Self::DeviceTokenRequest => "DEVICE_TOKEN_REQUEST",
            Self::BackchannelTokenRequest => "BACKCHANNEL_TOKEN_REQUEST",
            Self::TokenIntrospect => "TOKEN_INTROSPECT",
            Self::TokenRevoke => "TOKEN_REVOKE",
            Self::UserInfoRequest => "USERINFO_REQUEST",
            Self::LogoutRequest => "LOGOUT_REQUEST",
            Self::IdentityBrokeringApi => "IDENTITY_BROKERING_API",
            Self::TokenResponse => "TOKEN_RESPONSE",
            Self::TokenRefreshResponse => "TOKEN_REFRESH_RESPONSE",
            Self::ServiceAccountTokenResponse => "SERVICE_ACCOUNT_TOKEN_RESPONSE",
            Self::ResourceOwnerPasswordCredentialsResponse => "RESOURCE_OWNER_PASSWORD_CREDENTIALS_RESPONSE",
            Self::DeviceTokenResponse => "DEVICE_TOKEN_RESPONSE",
            Self::BackchannelTokenResponse => "BACKCHANNEL_TOKEN_RESPONSE",
            Self::ImplicitHybridTokenResponse => "IMPLICIT_HYBRID_TOKEN_RESPONSE",
            Self::TokenRevokeResponse => "TOKEN_REVOKE_RESPONSE",
        }
    }

    /// From a name; upper or lower case, with `-` or `_`.
    pub fn parse(name: &str) -> Option<Self> {
        let wanted = name.replace('-', "_");
        EVENTS.into_iter().find(|event| event.name().eq_ignore_ascii_case(&wanted))
    }
}

/// A set of events: one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSet(u64);

impl EventSet {
    /// Every event there is.
    pub const ALL: Self = Self::of(&EVENTS);

    /// Where a client is about to be made or changed.
    pub const PROPOSALS: Self = Self::of(&[EventName::Register, EventName::Update]);

    /// The device grant (RFC 8628). Keycloak's conditions about the client have nothing to say there.
    pub const DEVICE: Self = Self::of(&[
        EventName::DeviceAuthorizationRequest,
        EventName::DeviceTokenRequest,
        EventName::DeviceTokenResponse,
    ]);

    /// These events.
    pub const fn of(events: &[EventName]) -> Self {
        let (mut bits, mut rest) = (0, events);
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self(bits)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether the event is one of them.
    pub const fn contains(self, event: EventName) -> bool {
        self.0 & (1 << (event as u8)) != 0
    }

    /// Those that are in it.
    pub fn iter(self) -> impl Iterator<Item = EventName> {
        EVENTS.into_iter().filter(move |event| self.contains(*event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_a_name_of_its_own_and_a_bit_of_its_own() {
        for (number, event) in EVENTS.into_iter().enumerate() {
            assert_eq!(event as usize, number);
            assert_eq!(EventName::parse(event.name()), Some(event));
            assert_eq!(EventName::parse(&event.name().to_lowercase().replace('_', "-")), Some(event));
            assert_eq!(EventSet::of(&[event]).iter().collect::<Vec<_>>(), [event]);
        }
        assert_eq!(EventSet::ALL.iter().count(), 33);
        assert!(!EventSet::ALL.without(EventSet::PROPOSALS).contains(EventName::Update));
        assert_eq!(EventName::parse("SAML_AUTHN_REQUEST"), None);
    }
}
