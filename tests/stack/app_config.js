// Backstage's own config loader, for tests/stack: a case a line on standard input, what Backstage reads a line on standard
// output. A case has `layers`, the lowest first, and `paths` to read.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { ConfigSources } = require('@backstage/config-loader');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'newleaf-app-config-'));
for (const name of ['one', 'two']) fs.writeFileSync(path.join(dir, `${name}.txt`), `content of ${name}\n`);

// As the backend does with `--config`: files in this order, variables put in.
async function load(layers) {
  const targets = layers.map((layer, index) => {
    const target = path.join(dir, `app-config.${index}.yaml`);
    fs.writeFileSync(target, JSON.stringify(layer));
    return { type: 'path', target };
  });
  const substitutionFunc = async name => `value of ${name}`;
  return ConfigSources.toConfig(
    ConfigSources.defaultForTargets({ rootDir: dir, targets, watch: false, substitutionFunc }),
  );
}

async function answer({ layers, paths }) {
  let config;
  try {
    config = await load(layers);
  } catch (error) {
    return { refused: error.message };
  }
  const read = {};
  for (const key of paths) {
    try {
      read[key] = { value: config.getOptional(key), has: config.has(key) };
    } catch (error) {
      read[key] = { refused: error.message };
    }
  }
  const whole = config.getOptional();
  config.close();
  return { whole, read };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
  fs.rmSync(dir, { recursive: true });
  process.exitCode = 0;
})();
