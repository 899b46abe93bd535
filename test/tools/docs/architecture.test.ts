import { architecture } from '../../../tools/docs/architecture';
import { PRESETS, presetTemplate } from '../../../tools/docs/presets';

test('the picture has every component, a line for each server, and a dot for each client of it', () => {
  const template = presetTemplate(PRESETS[0]);
  const picture = architecture();

  expect([...picture.matchAll(/font-weight="600"[^>]*>([^<]*)</g)].map(([, name]) => name).sort())
    .toEqual(['dag-processor', 'database', 'flower', 'migration', 'redis', 'scheduler', 'triggerer', 'web-server', 'worker']);
  expect([...picture.matchAll(/stroke="none">([\w-]+:\d+)</g)].map(([, name]) => name).sort())
    .toEqual(['database:5432', 'redis:6379', 'triggerer:8794', 'web-server:8080', 'worker:8793']);
  expect([...picture.matchAll(/<circle /g)]).toHaveLength(Object.keys(template.findResources('AWS::EC2::SecurityGroupIngress')).length);
  expect(picture).toContain('<title>worker to web-server</title>');
});
