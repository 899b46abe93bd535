// The layers of ARCHITECTURE.md, from below to above: a room imports from rooms below it, types included.

const SRC = [
  ['binding.ts', 'python-program.ts', 'custom-resource/', 'properties/'],
  ['scaling/'],
  ['version/', 'preset/'],
  ['warnings.ts', 'secrets/', 'fargate/'],
  ['cluster/'],
  ['database/', 'broker/', 'dags/', 'task-logs/', 'fernet-key/'],
  ['executor/'],
  ['container/'],
  ['migration/', 'scaler/'],
  ['service/'],
  ['web-access/', 'workers/'],
  ['serverless-airflow', 'index.ts'],
];

const LOCAL = [
  ['errors.ts', 'until.ts', 'user-folder.ts', 'aws-environment.ts', 'airflow-api.ts', 'certificates.ts'],
  ['iam/'],
  ['install/'],
  ['isolation/'],
  ['aws-api/', 'dags/', 'ecs/', 'elasticache/', 'lambda/', 'postgres/'],
  ['cloudformation/'],
  ['cost/', 'mwaa/', 'verify/'],
  ['engine/'],
  ['commands/'],
  ['cli.ts'],
];

/** Nothing of a layer imports from those above it. */
function layers(root, rooms) {
  return rooms.slice(0, -1).map((layer, index) => ({
    name: `${root}/${layer[0]} up`,
    comment: `${layer.join(', ')}: import nothing from above`,
    severity: 'error',
    from: { path: layer.map(room => `^${root}/${room}`) },
    to: { path: rooms.slice(index + 1).flat().map(room => `^${root}/${room}`) },
  }));
}

module.exports = {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'two houses', comment: 'the cloud assembly is the only interface', severity: 'error', from: { path: '^src/' }, to: { path: '^local/' } },
    { name: 'two houses, the other way', severity: 'error', from: { path: '^local/' }, to: { path: '^src/' } },
    { name: 'tools stay outside', severity: 'error', from: { path: '^(src|local)/' }, to: { path: '^(test|tools|bench|integ)/' } },
    { name: 'unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...layers('src', SRC),
    ...layers('local', LOCAL),
  ],
  options: {
    tsPreCompilationDeps: true, // types, too
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules' },
  },
};
