package dev.milepost.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailedException;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobParams;
import dev.milepost.client.JobSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;

/** The starter in applications with and without a server, handlers and health. */
class StarterTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  EmbeddedServerAutoConfiguration.class,
                  MilepostAutoConfiguration.class,
                  MetersAutoConfiguration.class,
                  HealthAutoConfiguration.class));

  private final ApplicationContextRunner embedded =
      application.withPropertyValues(
          "milepost.embedded=true",
          "milepost.server.listen=localhost:0",
          "milepost.server.http.listen=off");

  @Configuration(proxyBeanMethods = false)
  static class Handlers {
    @JobHandler("sync")
    Map<String, Object> sync(JobParams params, JobLogger log) {
      List<?> users = params.getList("users");
      log.info("Syncing " + users);
      return Map.of("synced", users.size());
    }

    @JobHandler("broken")
    void broken(JobContext context) throws IOException {
      throw new IOException("no disk for " + context.jobId());
    }
  }

  @Test
  void aMethodRunsTheJobsOfItsType() {
    embedded
        .withUserConfiguration(Handlers.class)
        .run(
            context -> {
              JobHandle job =
                  context
                      .getBean(JobClient.class)
                      .create(JobSpec.of("sync").params(Map.of("users", List.of("ann", "bob"))));
              assertThat(job.result()).isEqualTo(Map.of("synced", 2L));
            });
  }

  @Test
  void whatAMethodThrowsFailsTheJob() {
    embedded
        .withUserConfiguration(Handlers.class)
        .run(
            context -> {
              JobHandle job =
                  context.getBean(JobClient.class).create(JobSpec.of("broken").maxRetries(0));
              assertThatThrownBy(job::result)
                  .isInstanceOf(JobFailedException.class)
                  .hasMessageContaining("IO: no disk for " + job.id());
            });
  }

  @Test
  void theWorkerEndsWithTheApplication() {
    WorkerLifecycle[] lifecycle = new WorkerLifecycle[1];
    embedded
        .withUserConfiguration(Handlers.class)
        .run(
            context -> {
              lifecycle[0] = context.getBean(WorkerLifecycle.class);
              assertThat(lifecycle[0].isRunning()).isTrue();
            });
    assertThat(lifecycle[0].isRunning()).isFalse();
    assertThat(lifecycle[0].worker()).isEmpty();
  }

  @Test
  void anApplicationWithoutHandlersHasNoWorker() {
    embedded
        .withPropertyValues("milepost.server.http.listen=localhost:0")
        .run(
            context -> {
              assertThat(context.getBean(EmbeddedServer.class).http())
                  .startsWith("http://localhost:");
              assertThat(context.getBean(WorkerLifecycle.class).isRunning()).isFalse();
              assertThat(context.getBean(JobClient.class).create(JobSpec.of("any")).id())
                  .isNotEmpty();
            });
  }

  @Test
  void theWorkerCanBeDisabled() {
    embedded
        .withUserConfiguration(Handlers.class)
        .withPropertyValues("milepost.worker.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(WorkerLifecycle.class));
  }

  @Test
  void theWorkerIsInTheHealthOfTheApplication() {
    embedded
        .withUserConfiguration(Handlers.class)
        .withPropertyValues("milepost.worker.id=photos-1")
        .run(
            context -> {
              await().until(() -> health(context).startsWith("UP"));
              assertThat(health(context)).contains("photos-1", "READY");
              context.getBean(WorkerLifecycle.class).worker().orElseThrow().close();
              assertThat(health(context)).startsWith("DOWN").contains("CLOSED");
            });
    embedded.run(context -> assertThat(health(context)).startsWith("UP"));
    embedded
        .withPropertyValues("management.health.milepost.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean("milepostHealthIndicator"));
  }

  @Test
  void clientAndHandlersAreMeasuredIfThereIsARegistry() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    embedded
        .withUserConfiguration(Handlers.class)
        .withBean(MeterRegistry.class, () -> registry)
        .run(
            context -> {
              context.getBean(JobClient.class).create(JobSpec.of("sync")).result();
              assertThat(registry.get("milepost.client.calls").tag("rpc", "CreateJob").timer())
                  .returns(1L, timer -> timer.count());
              assertThat(registry.get("milepost.worker.jobs").tag("type", "sync").timer())
                  .returns(1L, timer -> timer.count());
            });
    embedded.run(context -> assertThat(context).doesNotHaveBean(MetersAutoConfiguration.class));
  }

  /** The indicator implements an interface of Boot 3 or of Boot 4, which have the same method. */
  private static String health(ApplicationContext context) throws Exception {
    Object indicator = context.getBean("milepostHealthIndicator");
    Method health = indicator.getClass().getDeclaredMethod("health");
    health.setAccessible(true);
    return String.valueOf(health.invoke(indicator));
  }

  @Test
  void aClientOfTheApplicationIsUsed() {
    try (JobClient own = JobClient.connect("localhost:1")) {
      application
          .withBean(JobClient.class, () -> own)
          .run(context -> assertThat(context.getBean(JobClient.class)).isSameAs(own));
    }
  }

  @Test
  void thePropertiesReachClientAndWorker() {
    embedded
        .withUserConfiguration(Handlers.class)
        .withPropertyValues(
            "milepost.user=ann", "milepost.worker.id=photos-1", "milepost.worker.concurrency=3")
        .run(
            context -> {
              JobClient client = context.getBean(JobClient.class);
              JobHandle job = client.create(JobSpec.of("sync"));
              job.result();
              assertThat(job.info().userId()).isEqualTo("ann");
              assertThat(job.info().workerId()).contains("photos-1");
            });
  }

  @Test
  void customizersHaveTheLastWord() {
    embedded
        .withUserConfiguration(Handlers.class)
        .withBean(JobClientCustomizer.class, () -> builder -> builder.user("bob"))
        .withBean(WorkerCustomizer.class, () -> builder -> builder.workerId("w"))
        .withPropertyValues("milepost.user=ann", "milepost.worker.id=photos-1")
        .run(
            context -> {
              JobHandle job = context.getBean(JobClient.class).create(JobSpec.of("sync"));
              job.result();
              assertThat(job.info().userId()).isEqualTo("bob");
              assertThat(job.info().workerId()).contains("w");
            });
  }

  @Test
  void theServerIsNeededOnlyIfItIsEmbedded() {
    FilteredClassLoader withoutServer = new FilteredClassLoader("dev.milepost.server");
    application
        .withClassLoader(withoutServer)
        .run(context -> assertThat(context).hasSingleBean(JobClient.class));
    embedded
        .withClassLoader(withoutServer)
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining("add a dependency on dev.milepost:milepost-server"));
  }

  @Test
  void aMistakeIsToldWhenTheApplicationStarts() {
    embedded
        .withUserConfiguration(Handlers.class, Twice.class)
        .run(
            context -> assertFails(context.getStartupFailure(), "Two @JobHandler methods", "sync"));
    embedded
        .withUserConfiguration(WrongParameter.class)
        .run(
            context ->
                assertFails(context.getStartupFailure(), "WrongParameter.run", "java.lang.String"));
    embedded
        .withUserConfiguration(WrongResult.class)
        .run(context -> assertFails(context.getStartupFailure(), "WrongResult.run", "returns int"));
    embedded
        .withPropertyValues("milepost.server.stoer=memory:")
        .run(context -> assertFails(context.getStartupFailure(), "milepost.stoer"));
    application
        .withPropertyValues("milepost.certificate=client.pem")
        .run(context -> assertFails(context.getStartupFailure(), "milepost.key"));
  }

  private static void assertFails(Throwable failure, String... texts) {
    assertThat(failure).isNotNull().rootCause().hasMessageContainingAll(texts);
  }

  @Configuration(proxyBeanMethods = false)
  static class Twice {
    @JobHandler("sync")
    void other() {}
  }

  @Configuration(proxyBeanMethods = false)
  static class WrongParameter {
    @JobHandler("wrong")
    void run(String text) {}
  }

  @Configuration(proxyBeanMethods = false)
  static class WrongResult {
    @JobHandler("wrong")
    int run() {
      return 1;
    }
  }
}
