package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Closes parts in reverse order, even if one of them fails. */
class CloserTest {
  private final List<String> closed = new ArrayList<>();
  private final Closer closer = new Closer();

  @Test
  void closesInReverseOrder() {
    closer.register(() -> closed.add("first"));
    closer.register(() -> closed.add("second"));
    closer.close();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void closesEachPartOnce() {
    closer.register(() -> closed.add("part"));
    closer.close();
    closer.close();
    assertThat(closed).containsExactly("part");
  }

  @Test
  void closesTheOthersWhenOneFails() {
    closer.register(() -> closed.add("first"));
    closer.register(new Failing());
    closer.register(() -> closed.add("last"));
    closer.close();
    assertThat(closed).containsExactly("last", "first");
  }

  private static final class Failing implements AutoCloseable {
    @Override
    public void close() {
      throw new ExpectedFailure();
    }
  }

  private static final class ExpectedFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    ExpectedFailure() {
      super("expected", null, false, false);
    }
  }
}
