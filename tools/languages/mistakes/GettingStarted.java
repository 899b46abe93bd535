package app;

import io.github.serverlessairflow.AirflowFirstWorkerPoolOptions;
import io.github.serverlessairflow.AirflowVersion;
import io.github.serverlessairflow.ServerlessAirflow;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;

/** Apps with one mistake each: what does their author read? */
public final class GettingStarted {
    public static void main(final String[] args) {
        Stack stack = new Stack(new App(), "Mistake");
        ServerlessAirflow.Builder airflow = ServerlessAirflow.Builder.create(stack, "Airflow");
        if ("size".equals(System.getenv("MISTAKE"))) {
            airflow.worker(AirflowFirstWorkerPoolOptions.builder().cpu(1024).memoryLimitMiB(1024).build()).build();
        } else {
            airflow.version(AirflowVersion.of("2.10.5")).build();
        }
    }
}
