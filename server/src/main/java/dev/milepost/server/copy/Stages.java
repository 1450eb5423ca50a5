package dev.milepost.server.copy;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Waits for stores: whoever copies has nothing else to do. */
final class Stages {
  private Stages() {}

  /** What a stage comes to; throws what it fails with. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
