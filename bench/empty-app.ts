// Run as a process of its own by synthesis.ts: CDK's own start.
import { App, Stack } from 'aws-cdk-lib';

const app = new App();
new Stack(app, 'Benchmark');
app.synth();
