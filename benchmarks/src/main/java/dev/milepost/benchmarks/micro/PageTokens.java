package dev.milepost.benchmarks.micro;

import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.app.Pages;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of page tokens: sealing alone, and with the request that a token is bound to. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class PageTokens {
  private static final MethodHandle SEAL = Internals.method("access.TokenSealer", "seal");
  private static final TokenSealer SEALER = new TokenSealer(new byte[TokenSealer.KEY_BYTES]);
  private static final Pages PAGES = new Pages(SEALER);

  private final Caller caller = new Caller("acme", "ann", Set.of(Role.USER));
  private final ListJobsRequest request =
      ListJobsRequest.newBuilder()
          .setFilter(
              JobFilter.newBuilder()
                  .setUserId("ann")
                  .addStates(JobState.JOB_STATE_RUNNING)
                  .putLabels("team", "media"))
          .setPageSize(50)
          .build();
  private final String position = "0195512e-7c00-7d2a-9f3b-5a1c8e4b7d60";
  private final Optional<String> next = Optional.of(position);
  private final byte[] context = "acme\nann\nListJobsRequest".getBytes(StandardCharsets.UTF_8);
  private String sealed = "";
  private String token = "";

  /** Called by JMH. */
  public PageTokens() {}

  /** Creates the tokens that are read. */
  @Setup
  public void makeTokens() throws Throwable {
    sealed = seal();
    token = token();
  }

  /** Seals a position. */
  @Benchmark
  public String seal() throws Throwable {
    return (String) SEAL.invokeExact(SEALER, context, position);
  }

  /** Opens a sealed position. */
  @Benchmark
  public String open() {
    return SEALER.open(context, sealed, "page_token");
  }

  /** Creates the token of the next page for a list response. */
  @Benchmark
  public String token() {
    return PAGES.token(caller, request, next);
  }

  /** Reads the token of a list request. */
  @Benchmark
  public Optional<?> position() {
    return PAGES.position(caller, request, token);
  }
}
