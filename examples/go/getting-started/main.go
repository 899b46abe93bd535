package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/serverless-airflow/serverless-airflow-go/serverlessairflow"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("GettingStarted"), nil)

	serverlessairflow.NewServerlessAirflow(stack, jsii.String("Airflow"), &serverlessairflow.ServerlessAirflowProps{
		Dags: &[]serverlessairflow.DagSource{serverlessairflow.DagSource_Directory(jsii.String("dags"), nil)},
	})

	app.Synth(nil)
}
