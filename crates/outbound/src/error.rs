//! Why a request that left brought nothing back. Never holds the address: whoever logs it has that, in a
//! form that prints neither user information nor query.

/// One variant for each cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The name server knows no address for the host, or did not answer.
    #[error("the host name does not resolve")]
    Unresolved,
    /// Every address of the host is of special use (RFC 6890) and not on the allow list.
    #[error("the host has no public address and is not on the allow list")]
    NotPublic,
    /// Nobody listens there, or the network does not lead there.
    #[error("no connection to the host")]
    Unreachable,
    /// The host's certificate is not valid for it, or no common TLS version or cipher was found.
    #[error("the TLS handshake failed")]
    Tls,
    /// Name resolution, TCP and TLS together took longer than the limit.
    #[error("connecting took too long")]
    ConnectTimeout,
    /// The exchange took longer than the limit, whether before the answer or within its body.
    #[error("the answer took too long")]
    Timeout,
    /// The body is larger than the limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit that was passed.
        limit: usize,
    },
    /// What came back is not HTTP, or the connection broke off.
    #[error("the HTTP exchange broke off")]
    Protocol,
    /// A credential or header value holds a character that a header cannot carry.
    #[error("a header value cannot be sent")]
    Header,
    /// A certificate the operator trusts is unreadable, or TLS is not available at all.
    #[error("TLS could not be set up")]
    Setup,
}
