// npm `openid-client` goes through what a confidential client needs: code + PKCE, userinfo, refresh,
// introspection, revocation, client credentials, logout. Prints the address to go to, reads the address that the browser
// was sent back to from standard input, and prints one line of JSON with what every step gave.
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import * as oidc from "openid-client";

const { values: wish } = parseArgs({
  options: {
    issuer: { type: "string" },
    "client-id": { type: "string" },
    "redirect-uri": { type: "string" },
    "auth-method": { type: "string", default: "client_secret_basic" },
    "post-logout-redirect-uri": { type: "string" },
    scope: { type: "string", default: "openid" },
  },
});

const secret = process.env.SEKISHO_CLIENT_SECRET;
const method = { client_secret_basic: oidc.ClientSecretBasic, client_secret_post: oidc.ClientSecretPost }[wish["auth-method"]];
const config = await oidc.discovery(new URL(wish.issuer), wish["client-id"], secret, method(secret), {
  execute: [oidc.allowInsecureRequests], // loopback only
});

const verifier = oidc.randomPKCECodeVerifier();
const state = oidc.randomState();
const nonce = oidc.randomNonce();
console.log(oidc.buildAuthorizationUrl(config, {
  redirect_uri: wish["redirect-uri"],
  scope: wish.scope,
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
}).href);

const input = createInterface({ input: process.stdin });
const callback = new URL((await input[Symbol.asyncIterator]().next()).value);
input.close();

const first = await oidc.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const userinfo = await oidc.fetchUserInfo(config, first.access_token, first.claims().sub);
const second = await oidc.refreshTokenGrant(config, first.refresh_token);
const before = await oidc.tokenIntrospection(config, second.refresh_token, { token_type_hint: "refresh_token" });
await oidc.tokenRevocation(config, second.refresh_token);
const after = await oidc.tokenIntrospection(config, second.refresh_token, { token_type_hint: "refresh_token" });
const service = await oidc.clientCredentialsGrant(config);
const logout = oidc.buildEndSessionUrl(config, {
  id_token_hint: first.id_token,
  post_logout_redirect_uri: wish["post-logout-redirect-uri"],
});
const ended = await fetch(logout, { redirect: "manual" });

console.log(JSON.stringify({
  subject: first.claims().sub,
  userinfo,
  scope: first.scope,
  refreshed: second.access_token !== first.access_token,
  activeBeforeRevocation: before.active,
  activeAfterRevocation: after.active,
  serviceTokenType: service.token_type,
  logoutStatus: ended.status,
}));
