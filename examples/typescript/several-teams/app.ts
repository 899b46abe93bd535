import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AirflowCluster, DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const network = new Stack(app, 'Network');
const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1 });

for (const team of ['finance', 'research']) {
  const stack = new Stack(app, `Team-${team}`);
  new ServerlessAirflow(stack, 'Airflow', {
    cluster: new AirflowCluster(stack, 'Cluster', { vpc, namespaceName: team }),
    dags: [DagSource.directory(`dags/${team}`)],
  });
}
