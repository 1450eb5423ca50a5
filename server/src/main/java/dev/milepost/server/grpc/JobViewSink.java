package dev.milepost.server.grpc;

import dev.milepost.server.watch.WatchSink;
import dev.milepost.v1.Job;
import dev.milepost.v1.WatchJobResponse;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Turns the watch of a job into the watch of a view of it, such as its progress, which is sent
 * whole every time. What does not change the view, such as a renewed lease, is passed over.
 *
 * @param <M> a message with the view
 */
final class JobViewSink<M> implements WatchSink<WatchJobResponse> {
  private final WatchStream<M> stream;
  private final View<M> view;
  private final UnaryOperator<Throwable> shown;
  private Job latest = Job.getDefaultInstance();
  private M sent;

  /**
   * What is seen of a job.
   *
   * @param empty a message that shows only that the watch is alive
   * @param of returns the view of a job
   * @param comparable returns a view without what changes with every change, or with time alone
   */
  record View<M>(M empty, Function<Job, M> of, UnaryOperator<M> comparable) {}

  /**
   * Creates a sink that nothing has been sent to.
   *
   * @param shown returns the reason of a failure as the caller may learn it
   */
  JobViewSink(WatchStream<M> stream, View<M> view, UnaryOperator<Throwable> shown) {
    this.stream = stream;
    this.view = view;
    this.shown = shown;
    this.sent = view.empty();
  }

  @Override
  public boolean isReady() {
    return stream.isReady();
  }

  @Override
  public void next(WatchJobResponse message) {
    if (message.hasJob()) {
      latest = message.getJob();
    } else if (message.hasStatus()) {
      latest = latest.toBuilder().setStatus(message.getStatus()).build();
    } else {
      stream.next(view.empty());
      return;
    }
    M next = view.of().apply(latest);
    M comparable = view.comparable().apply(next);
    if (!comparable.equals(sent)) {
      sent = comparable;
      stream.next(next);
    }
  }

  @Override
  public void completed() {
    stream.completed();
  }

  @Override
  public void failed(Throwable reason, String position) {
    stream.failed(shown.apply(reason), position);
  }
}
