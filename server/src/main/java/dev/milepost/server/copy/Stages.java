package dev.milepost.server.copy;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Waits for the stages that stores return. */
final class Stages {
  private Stages() {}

  /** Waits for a stage and returns its result, or throws its failure. */
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
