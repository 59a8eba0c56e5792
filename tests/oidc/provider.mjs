// An identity provider for the tests, made of code that is not ours (npm: oidc-provider). It says « ready » on its
// output, then answers on its port until it is ended. POST /essais: its people, its keys, its speed, its honesty.
import { createRequire } from 'node:module';
import http from 'node:http';
import { text } from 'node:stream/consumers';

const { kind, port, secret, modules } = JSON.parse(process.env.PROVIDER);
const require = createRequire(modules); // its modules are installed outside the sources
const { Provider, errors } = require('oidc-provider');
const jose = require('jose');

const issuer = `http://localhost:${port}`; // the service is on 127.0.0.1: another site, as in real life
const KINDS = {
  educonnect: { alg: 'RS256', scopes: ['profile'], pkce: true },
  franceconnect: {
    alg: 'ES256', scopes: ['given_name', 'family_name', 'preferred_username', 'email'], acr: 'eidas1', jwt: true,
    strict: true, levels: true,
  },
  proconnect: {
    alg: 'ES256', scopes: ['given_name', 'usual_name', 'uid', 'siret', 'email'], acr: 'eidas1', jwt: true,
    strict: true,
  },
};
const PROFILE = [
  'sn', 'givenName', 'given_name', 'family_name', 'email', 'FrEduCtId', 'FrEduCtPersonAffiliation', 'FrEduCtEleveINE',
  'FrEduCtEleveUAI', 'FrEduCtEleveNiveau', 'FrEduCtDateNaissance',
];
const ours = KINDS[kind];
const people = new Map(); // subject → claims
let bases = []; // addresses of the service
let keys = []; // the first one signs
let withdrawn = null; // the last key that signed before the one that signs now
let fault = null; // what is wrong with what it says: see `dishonesty`
let delays = {}; // path → milliseconds
let broken = {}; // path → status answered instead
let mortal = false; // it dies once it has sent somebody back to the service
const seen = {}; // path → times asked for
let provider;

// --- what it remembers, whatever its keys ---------------------------------------------------------------------------
const memory = new Map();

class Memory {
  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload) { memory.set(this.key(id), payload); }

  async find(id) { return memory.get(this.key(id)); }

  async findByUid(uid) { return [...memory.values()].find((one) => one.uid === uid); }

  async consume(id) { memory.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }

  async destroy(id) { memory.delete(this.key(id)); }

  async revokeByGrantId(grant) {
    [...memory].filter(([, one]) => one.grantId === grant).forEach(([key]) => memory.delete(key));
  }
}

// --- keys and configuration ------------------------------------------------------------------------------------------
async function newKey(kid) {
  const { privateKey, publicKey } = await jose.generateKeyPair(ours.alg, { extractable: true });
  const jwk = { ...await jose.exportJWK(privateKey), kid, alg: ours.alg, use: 'sig' };
  return { kid, jwk, privateKey, publicKey };
}

function client() {
  return {
    client_id: kind, client_secret: secret, token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: bases.map((base) => `${base}/connexion/${kind}/retour/`),
    post_logout_redirect_uris: bases.map((base) => `${base}/deconnexion/retour/`),
    response_types: ['code'], grant_types: ['authorization_code'], id_token_signed_response_alg: ours.alg,
    ...(ours.jwt && { userinfo_signed_response_alg: ours.alg }),
  };
}

async function grantOfAll(ctx) { // nobody is asked to consent: neither do the three of them
  const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  await grant.save();
  return grant;
}

function configuration() {
  return {
    adapter: Memory, jwks: { keys: keys.map((one) => one.jwk) },
    clients: [client()], clientDefaults: { id_token_signed_response_alg: ours.alg },
    cookies: { keys: ['essais'], names: { // one host, several providers: a browser tells cookies apart by name only
      session: `${kind}_session`, interaction: `${kind}_interaction`, resume: `${kind}_resume`,
    } },
    scopes: ['openid', ...ours.scopes], acrValues: ['eidas1', 'eidas2', 'eidas3'],
    claims: {
      openid: ['sub'], acr: null, amr: null, auth_time: null, sid: null, iss: null,
      ...(kind === 'educonnect' ? { profile: PROFILE } : Object.fromEntries(ours.scopes.map((one) => [one, [one]]))),
    },
    features: {
      devInteractions: { enabled: false }, jwtUserinfo: { enabled: true }, claimsParameter: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: confirmation },
    },
    pkce: { required: () => ours.pkce === true },
    ttl: { AccessToken: 60, IdToken: 60, AuthorizationCode: 30, Interaction: 600, Session: 3600, Grant: 3600 },
    findAccount: (ctx, sub) => (
      people.has(sub) ? { accountId: sub, claims: () => ({ sub, ...people.get(sub).claims }) } : undefined
    ),
    loadExistingGrant: grantOfAll,
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
  };
}

function rebuild() {
  provider = new Provider(issuer, configuration()); // it cannot change its keys as it runs
  provider.use(strictness);
  provider.use(dishonesty);
}

// --- what a provider asks for, beyond the standard -------------------------------------------------------------------
const DOCUMENTED = new Set([
  'response_type', 'client_id', 'redirect_uri', 'acr_values', 'scope', 'claims', 'state', 'nonce', 'prompt',
  'login_hint', 'idp_hint',
]);

function strictness(ctx, next) {
  if (ctx.path !== '/auth' || !ours.strict) return next();
  const unknown = Object.keys(ctx.query).filter((one) => !DOCUMENTED.has(one));
  const short = ['state', 'nonce'].filter((one) => (ctx.query[one] ?? '').length < 32);
  const levels = !ours.levels || ctx.query.acr_values !== undefined;
  if (!unknown.length && !short.length && levels) return next();
  ctx.status = 400;
  ctx.body = { error: 'Y000400', unknown, short, levels };
  return undefined;
}

// --- what a dishonest one would send ---------------------------------------------------------------------------------
function signed(claims, key, header = {}) {
  return new jose.SignJWT(claims).setProtectedHeader({ alg: ours.alg, kid: key.kid, ...header }).sign(key.privateKey);
}

function shared(claims, secretKey) {
  const header = { alg: 'HS256', kid: keys[0].kid };
  return new jose.SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(secretKey));
}

const SIGNED = { // how the altered token is signed
  well: (claims) => signed(claims, keys[0]),
  'by nobody': (claims) => new jose.UnsecuredJWT(claims).encode(),
  'by a foreign key': async (claims) => signed(claims, await newKey(keys[0].kid)),
  'by a key of an unknown name': async (claims) => signed(claims, await newKey('unknown')),
  'by the withdrawn key': (claims) => signed(claims, withdrawn),
  'by a key of its own header': async (claims) => {
    const key = await newKey(keys[0].kid);
    return signed(claims, key, { jwk: await jose.exportJWK(key.publicKey) });
  },
  'with the public key as a secret': async (claims) => shared(claims, await jose.exportSPKI(keys[0].publicKey)),
  'with the secret of the client': (claims) => shared(claims, secret),
  'before the claims were changed': (claims, token) => {
    const [head, , signature] = token.split('.');
    return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
  },
};

function altered(claims) {
  const now = Math.floor(Date.now() / 1000);
  const moments = Object.entries(fault.from_now ?? {}).map(([name, seconds]) => [name, now + seconds]);
  const all = { ...claims, ...fault.claims, ...Object.fromEntries(moments) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !fault.drop?.includes(name)));
}

async function forged(token) {
  return SIGNED[fault.signed ?? 'well'](altered(jose.decodeJwt(token)), token);
}

const LIES = {
  id_token: async (body) => ({ ...body, id_token: fault.absent ? undefined : await forged(body.id_token) }),
  userinfo: (body) => (typeof body === 'string' ? forged(body) : altered(body)),
  'userinfo in the clear': (body) => altered(jose.decodeJwt(body)),
  discovery: altered,
};
const WHERE = {
  id_token: '/token', userinfo: '/me', 'userinfo in the clear': '/me', discovery: '/.well-known/openid-configuration',
};

async function dishonesty(ctx, next) { // `fault`: in, claims, from_now, drop, signed, absent
  await next();
  if (fault === null || ctx.status !== 200 || ctx.path !== WHERE[fault.in]) return;
  ctx.body = await LIES[fault.in](ctx.body);
  if (typeof ctx.body !== 'string') ctx.type = 'json';
}

// --- its pages -------------------------------------------------------------------------------------------------------
function page(title, body) {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>${body}</main></body></html>`;
}

const LOGIN = page(`Fournisseur ${kind}`, `<form method="post"><label>Personne <input name="sub"></label>
<button name="answer" value="yes">Continuer</button> <button name="answer" value="no">Refuser</button></form>`);

function confirmation(ctx, form) {
  ctx.type = 'html';
  ctx.body = page('Se déconnecter', `${form}<button form="op.logoutForm" name="logout" value="yes">Oui</button>`);
}

async function interaction(request, response) {
  if (request.method === 'GET') {
    await provider.interactionDetails(request, response); // unknown: an error
    response.setHeader('Content-Type', 'text/html; charset=utf-8').end(LOGIN);
    return;
  }
  const typed = new URLSearchParams(await text(request));
  const { acr = ours.acr, amr = ['pwd'] } = people.get(typed.get('sub')) ?? {};
  const result = typed.get('answer') === 'yes'
    ? { login: { accountId: typed.get('sub'), acr, amr } }
    : { error: 'access_denied', error_description: 'User auth aborted' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

// --- orders of the tests ---------------------------------------------------------------------------------------------
const ORDERS = {
  bases: (value) => { bases = value; },
  people: (value) => { people.clear(); Object.entries(value).forEach(([sub, one]) => people.set(sub, one)); },
  fault: (value) => { fault = value; },
  delays: (value) => { delays = value; },
  broken: (value) => { broken = value; },
  mortal: (value) => { mortal = value; },
  keys: async (value) => { // « new »: another name; « same name »; « beside »: the old one is still published
    withdrawn = keys[0] ?? null;
    const made = await newKey(value === 'same name' ? withdrawn.kid : `key-${Date.now()}-${Math.random()}`);
    keys = value === 'beside' ? [made, ...keys] : [made];
  },
};

async function obey(request, response) {
  for (const [name, value] of Object.entries(JSON.parse(await text(request)))) await ORDERS[name](value);
  rebuild();
  response.end(JSON.stringify(seen));
}

function dieAfter(response) {
  const led = String(response.getHeader('location') ?? '');
  if (bases.some((base) => led.startsWith(base))) process.exit();
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === '/essais') return obey(request, response);
  if (mortal) response.on('finish', () => dieAfter(response));
  seen[pathname] = (seen[pathname] ?? 0) + 1;
  if (delays[pathname]) await new Promise((done) => { setTimeout(done, delays[pathname]); });
  if (broken[pathname]) { response.statusCode = broken[pathname]; return response.end('<h1>broken</h1>'); }
  if (pathname.startsWith('/interaction/')) return interaction(request, response);
  return provider.callback()(request, response);
}

keys = [await newKey('first')];
rebuild();
http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.statusCode = error instanceof errors.OIDCProviderError ? 400 : 500;
    response.end(JSON.stringify({ error: error.message }));
  });
}).listen(port, '127.0.0.1', () => console.log('ready'));
