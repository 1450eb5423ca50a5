package dev.milepost.micrometer;

import dev.milepost.client.HandlerInterceptor;
import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandler;
import dev.milepost.client.LeaseLostException;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** Measures how long handlers run, and how they end. */
final class HandlerMeters implements HandlerInterceptor {
  private final MeterRegistry registry;

  HandlerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void intercept(JobContext context, JobHandler next) throws Exception {
    String type = context.job().getSpec().getType();
    LongTaskTimer.Sample running =
        LongTaskTimer.builder("milepost.worker.running")
            .description("Handlers that run")
            .tag("type", type)
            .register(registry)
            .start();
    Timer.Sample run = Timer.start(registry);
    String outcome = "failed";
    try {
      next.handle(context);
      outcome = "succeeded";
    } catch (JobCancelledException e) {
      outcome = "cancelled";
      throw e;
    } catch (LeaseLostException e) {
      outcome = "lost";
      throw e;
    } finally {
      running.stop();
      run.stop(
          Timer.builder("milepost.worker.jobs")
              .description("Runs of handlers")
              .tag("type", type)
              .tag("outcome", outcome)
              .register(registry));
    }
  }
}
