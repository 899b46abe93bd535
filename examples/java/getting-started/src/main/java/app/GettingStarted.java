package app;

import io.github.serverlessairflow.DagSource;
import io.github.serverlessairflow.ServerlessAirflow;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;

public final class GettingStarted {
    public static void main(final String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "GettingStarted");

        ServerlessAirflow.Builder.create(stack, "Airflow")
            .dags(List.of(DagSource.directory("dags")))
            .build();

        app.synth();
    }
}
