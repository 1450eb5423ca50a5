package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;

final class Calls {
  <Q, R> CompletableFuture<R> unary(MethodDescriptor<Q, R> method, Q request) {
    throw new UnsupportedOperationException();
  }
}
