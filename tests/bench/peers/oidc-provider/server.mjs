// npm oidc-provider with the clients of the bench's realm (../../src/realm.rs). It keeps everything in
// memory, signs in whoever comes as alice without a password, and agrees for her.
//
// node server.mjs PORT

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const resource = 'http://127.0.0.1:3001/mcp';
const redirect = 'http://localhost:8888/callback';

const jwk = (type, options) => generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' });
const keys = [
  { ...jwk('rsa', { modulusLength: 2048 }), alg: 'RS256', use: 'sig' },
  { ...jwk('ec', { namedCurve: 'P-256' }), alg: 'ES256', use: 'sig' },
];

const service = (client_id) => ({
  client_id,
  client_secret: 'service-secret',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});
const person = (client_id, more) => ({
  client_id,
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [redirect],
  ...more,
});

// The package's own store in memory forgets all but the last thousand things, among them sessions that are
// still in use. This one forgets nothing.
const kept = new Map();
const grants = new Map();

class Memory {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload) {
    const key = `${this.model}:${id}`;
    kept.set(key, payload);
    if (payload.uid) kept.set(`uid:${payload.uid}`, payload);
    if (!payload.grantId || this.model === 'Session') return;
    const of = grants.get(payload.grantId);
    if (of) of.push(key);
    else grants.set(payload.grantId, [key]);
  }

  async find(id) {
    return kept.get(`${this.model}:${id}`);
  }

  async findByUid(uid) {
    return kept.get(`uid:${uid}`);
  }

  async consume(id) {
    kept.get(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    kept.delete(`${this.model}:${id}`);
  }

  async revokeByGrantId(grantId) {
    for (const key of grants.get(grantId) ?? []) kept.delete(key);
    grants.delete(grantId);
  }
}

const provider = new Provider(`http://localhost:${port}`, {
  adapter: Memory,
  jwks: { keys },
  cookies: { keys: ['bench'] },
  clients: [
    service('service'),
    service('service-rs256'),
    person('web', { client_secret: 'web-secret', id_token_signed_response_alg: 'RS256' }),
    person('web-es256', { client_secret: 'web-secret', id_token_signed_response_alg: 'ES256' }),
    person('app', { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' }),
  ],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, audience, client) => ({
        audience,
        scope: 'hello',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: client.clientId === 'service-rs256' ? 'RS256' : 'ES256' } },
      }),
    },
  },
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      name: 'Alice Example',
      preferred_username: 'alice',
      email: 'alice@example.org',
      email_verified: true,
    }),
  }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: (context) => context.oidc.client.clientId === 'app',
  async loadExistingGrant({ oidc }) {
    const known = oidc.session.grantIdFor(oidc.client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile email');
    grant.addResourceScope(resource, 'hello');
    await grant.save();
    return grant;
  },
});

const handle = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return handle(request, response);
  return provider.interactionFinished(request, response, { login: { accountId: 'alice' } });
}).listen(port, '127.0.0.1');
