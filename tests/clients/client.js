// Logs in once with node-postgres and prints what PostgreSQL says of the session, as JSON.
// Usage: node client.js DIRECTORY [certificate|no-certificate|plaintext], with PGHOST, PGPORT, PGUSER and PGDATABASE set
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Client } = require('pg');

const [directory, way = 'certificate'] = process.argv.slice(2);

const files = fs.realpathSync(directory);
const ssl = {
  rejectUnauthorized: true,
  ca: fs.readFileSync(`${files}/ca.crt`, 'utf8'),
  cert: fs.readFileSync(`${files}/tls.crt`, 'utf8'),
  key: fs.readFileSync(`${files}/tls.key`, 'utf8'),
  servername: 'db.example.org',
};

const { cert: _cert, key: _key, ...withoutCertificate } = ssl;
const ways = { certificate: ssl, 'no-certificate': withoutCertificate, plaintext: false };

async function main() {
  const client = new Client({ ssl: ways[way], connectionTimeoutMillis: 10_000 });
  await client.connect();
  const { rows } = await client.query(fs.readFileSync(path.join(__dirname, 'session.sql'), 'utf8'));
  // What the server presented, as Node.js sees it: the other half of the proof.
  const server = client.connection.stream.getPeerCertificate?.().serialNumber;
  await client.end();
  console.log(JSON.stringify({ ...rows[0].json_build_object, server }));
}

main().catch((error) => {
  console.error(`${error.code ?? ''} ${error.message}`);
  process.exitCode = 1;
});
