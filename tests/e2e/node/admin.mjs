// npm `@keycloak/keycloak-admin-client` sets the story up from nothing, as an administrator of a fresh server would.
// Prints one line of JSON: who takes part, and what was read back.
import { parseArgs } from "node:util";
import KeycloakAdmin from "@keycloak/keycloak-admin-client";

const { values: wish } = parseArgs({
  options: { server: { type: "string" }, realm: { type: "string" } },
});
const { server, realm } = wish;
const profileName = "oauth2.1-client-secret";
const redirectUris = ["https://127.0.0.1/callback"];

const admin = new KeycloakAdmin({ baseUrl: server, realmName: "master" });
await admin.auth({
  username: "admin",
  password: process.env.SEKISHO_ADMIN_PASSWORD,
  grantType: "password",
  clientId: "admin-cli",
});
await admin.realms.create({ realm, enabled: true });
admin.setConfig({ realmName: realm });

const scope = await admin.clientScopes.create({
  name: "hello",
  protocol: "openid-connect",
  attributes: { "include.in.token.scope": "true", "consent.screen.text": "Say hello" },
});
const client = await admin.clients.create({
  clientId: "mcp",
  publicClient: false,
  redirectUris,
  consentRequired: true,
  attributes: { "pkce.code.challenge.method": "S256" },
});
const spa = await admin.clients.create({ clientId: "spa", publicClient: true, redirectUris });
for (const { id } of [client, spa]) {
  await admin.clients.addOptionalClientScope({ id, clientScopeId: scope.id });
}
const { value: secret } = await admin.clients.getClientSecret({ id: client.id });
const user = await admin.users.create({
  username: "alice",
  enabled: true,
  email: "alice@example.org",
  firstName: "Alice",
  lastName: "Example",
});
await admin.users.resetPassword({
  id: user.id,
  credential: { type: "password", value: "hello-alice", temporary: false },
});

const { globalProfiles } = await admin.clientPolicies.listProfiles({ includeGlobalProfiles: true });
const builtIn = globalProfiles.find(({ name }) => name === "oauth-2-1-for-confidential-client");
const executors = builtIn.executors.filter(({ executor }) => executor !== "holder-of-key-enforcer");
for (const { executor, configuration } of executors) {
  if (executor === "secure-client-authenticator") {
    configuration["allowed-client-authenticators"].push("client-secret");
  }
}
await admin.clientPolicies.createProfiles({ profiles: [{ name: profileName, executors }] });
const policy = {
  name: "mcp",
  enabled: true,
  conditions: [{ condition: "client-scopes", configuration: { type: "Optional", scopes: ["hello"] } }],
  profiles: [profileName],
};
await admin.clientPolicies.updatePolicy({ policies: [policy] });
const { policies } = await admin.clientPolicies.listPolicies();

let conflict;
try {
  await admin.clients.create({ clientId: "mcp" });
} catch (error) {
  conflict = error.response.status;
}

console.log(JSON.stringify({
  cast: {
    issuer: `${server}/realms/${realm}`,
    username: "alice",
    password: "hello-alice",
    client_id: "mcp",
    client_secret: secret,
    redirect_uri: redirectUris[0],
  },
  public: "spa",
  policies,
  conflict,
}));
