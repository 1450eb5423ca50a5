package dev.milepost.client;

/**
 * Code that runs around handlers: measures, sets up what they need, or turns their exceptions into
 * others. Used by several threads at the same time.
 *
 * <pre>{@code
 * HandlerInterceptor timed = (context, next) -> {
 *   long start = System.nanoTime();
 *   try {
 *     next.handle(context);
 *   } finally {
 *     timer.record(context.job().getSpec().getType(), System.nanoTime() - start);
 *   }
 * };
 * }</pre>
 */
@FunctionalInterface
public interface HandlerInterceptor {
  /**
   * Runs a handler, or the next interceptor. What it throws, and that it returns, means the same as
   * of the handler: an interceptor that neither calls {@code next} nor throws completes the job.
   *
   * @param context what to pass on to {@code next}, or a context that wraps it
   */
  void intercept(JobContext context, JobHandler next) throws Exception;

  /** Returns a handler with this interceptor around it, for {@link JobClient#run}. */
  default JobHandler around(JobHandler handler) {
    return context -> intercept(context, handler);
  }
}
