import { call, list, map, name, snakeCase, struct } from '../../../local/mwaa/code';

test('texts are quoted as each language does', () => {
  const texts = list('it\'s', '"so"', 'a\\b\n');
  expect(texts.typescript('')).toBe(String.raw`['it\'s', '"so"', 'a\\b\n']`);
  expect(texts.python('')).toBe(String.raw`["it's", "\"so\"", "a\\b\n"]`);
});

test('names are those of each language', () => {
  const code = call('ecs.ContainerImage.fromAsset', ['image'], { platform: name('Platform.X'), memoryLimitMiB: 512 });
  expect(code.typescript('')).toBe('ecs.ContainerImage.fromAsset(\'image\', { platform: Platform.X, memoryLimitMiB: 512 })');
  expect(code.python('')).toBe('ecs.ContainerImage.from_asset("image", platform=Platform.X, memory_limit_mib=512)');
  expect(['memoryLimitMiB', 'vpc', 'dagProcessor'].map(snakeCase)).toEqual(['memory_limit_mib', 'vpc', 'dag_processor']);
});

test('a struct is an object or a class, a map keeps its keys', () => {
  const code = struct('Options', { desiredCount: 2, environment: map({ 'A_B': 'c', 'd-e': 'f' }) });
  expect(code.typescript('  ')).toBe('{ desiredCount: 2, environment: {\n    A_B: \'c\',\n    \'d-e\': \'f\',\n  } }');
  expect(code.python('    ')).toBe('Options(desired_count=2, environment={\n        "A_B": "c",\n        "d-e": "f",\n    })');
});
