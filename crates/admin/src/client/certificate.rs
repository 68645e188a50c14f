//! Certificates of a client, each under a prefix of its attributes: `jwt.credential`, `saml.signing`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::certificate;
use sekisho_jose::key::SigningKey;
use sekisho_protocol::keycloak::{CertificateRepresentation, ClientRepresentation, Sensitive};

use super::{Found, change_client, load};
use crate::AdminError;
use crate::permit::{Admin, Done};

/// Ten years, as Keycloak's.
const LIFE: i64 = 10 * 365 * 86_400;

/// The certificate that is kept under a prefix, and what is known of its key but for the private half.
pub async fn find(
    admin: &Admin<'_>,
    id: &str,
    prefix: &str,
) -> Result<CertificateRepresentation, AdminError> {
    let attributes = load(admin, id).await?.document.attributes.unwrap_or_default();
    let of = |what: &str| attributes.get(&format!("{prefix}.{what}")).cloned();
    Ok(CertificateRepresentation {
        public_key: of("public.key"),
        certificate: of("certificate"),
        kid: of("kid"),
        ..Default::default()
    })
}

/// Makes a key pair and a certificate for it. The private half is in the answer and nowhere else: the client needs it,
/// the server does not.
pub async fn generate(
    admin: &Admin<'_>,
    id: &str,
    prefix: &str,
) -> Result<CertificateRepresentation, AdminError> {
    let client_id = load(admin, id).await?.client.client_id;
    let now = admin.context.now();
    let unwritable = || AdminError::Unwritable("certificate");
    // RSA takes a moment, so it is made apart from those who serve requests.
    let key = tokio::task::spawn_blocking(|| SigningKey::generate(Algorithm::Rs256)).await;
    let key = key.map_err(|_| unwritable())??;
    let serial = u64::try_from(now.0).unwrap_or_default();
    let der = certificate::self_signed(&key, &client_id, serial, now, now.plus_seconds(LIFE));
    let certificate = BASE64_STANDARD.encode(der.ok_or_else(unwritable)?);
    keep(admin, id, prefix, &certificate).await?;
    Ok(CertificateRepresentation {
        private_key: Some(Sensitive::new(BASE64_STANDARD.encode(key.to_pkcs8()?))),
        certificate: Some(certificate),
        ..Default::default()
    })
}

/// The new certificate in place of all that was kept under the prefix.
async fn keep(admin: &Admin<'_>, id: &str, prefix: &str, certificate: &str) -> Result<(), AdminError> {
    let done: Done<'_, CertificateRepresentation> = Done {
        operation: OperationType::Action,
        resource: "CLIENT",
        path: format!("clients/{id}/certificates/{prefix}/generate"),
        sent: None,
    };
    let draft = |found: Found| {
        let mut result = found.document;
        let attributes = result.attributes.get_or_insert_default();
        for what in ["public.key", "private.key", "kid"] {
            attributes.remove(&format!("{prefix}.{what}"));
        }
        attributes.insert(format!("{prefix}.certificate"), certificate.to_owned());
        let sent = ClientRepresentation { attributes: Some(attributes.clone()), ..Default::default() };
        Ok(Draft::replace(found.client, sent, result))
    };
    change_client(admin, id, &done, draft).await.map(drop)
}
