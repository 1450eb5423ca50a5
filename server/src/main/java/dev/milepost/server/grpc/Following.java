package dev.milepost.server.grpc;

import dev.milepost.server.watch.Watch;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/** Ties a stream to the watch that it shows: tells the watch when there is room, and of the end. */
final class Following {
  private final ServerCallStreamObserver<?> out;
  private volatile @Nullable Watch watch;

  /** Must be made before the service method returns: handlers cannot be set later. */
  Following(ServerCallStreamObserver<?> out) {
    this.out = out;
    out.setOnReadyHandler(this::becameReady);
    out.setOnCancelHandler(this::hungUp);
  }

  private void becameReady() {
    Watch following = watch;
    if (following != null) {
      following.ready();
    }
  }

  private void hungUp() {
    Watch following = watch;
    if (following != null) {
      following.close();
    }
  }

  /** The watch that the stream belongs to, now that it is open. */
  void follow(Watch opened) {
    watch = opened;
    if (out.isCancelled()) {
      opened.close();
    } else {
      // The stream may have become ready before anybody listened to it.
      opened.ready();
    }
  }
}
