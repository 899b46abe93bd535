import { describeCluster } from './cluster-fixture';
import type { ContainerDefinition } from '../../../local/ecs/definitions';

describeCluster('image', cluster => {
  test('fails for images that cannot run', async () => {
    const register = async (image: string, more: Partial<ContainerDefinition> = {}) => cluster.order('registerTaskDefinition', cluster.taskDefinition(cluster.container('main', '', { image, ...more })));
    await expect(register('nginx:1')).rejects.toThrow(/container main: image nginx:1 cannot run locally: use apache\/airflow .* with tag 3\.3\.2, or redis or valkey/);
    await expect(register('apache/airflow:2.10.0')).rejects.toThrow('apache/airflow:2.10.0');
    await expect(register('apache/airflow')).rejects.toThrow('cannot run locally');
    await expect(register('apache/airflow:3.3.2', { environment: { _PIP_ADDITIONAL_REQUIREMENTS: 'x' } })).rejects.toThrow('_PIP_ADDITIONAL_REQUIREMENTS is not supported locally');
    await expect(register('apache/airflow:3.3.2', { user: 'airflow' })).rejects.toThrow('user airflow is not supported');
    await register('111111111111.dkr.ecr.eu-west-1.amazonaws.com/my-airflow:3.3.2-python3.12');
    await register('public.ecr.aws/docker/library/redis:8.2-alpine');
  });
});
