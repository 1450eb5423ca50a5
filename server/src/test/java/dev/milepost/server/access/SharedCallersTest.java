package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Equal callers share one object; others stay distinct. */
class SharedCallersTest {
  private final SharedCallers callers = new SharedCallers();

  private static Caller caller(String user) {
    return new Caller("acme", user, Set.of(Role.USER));
  }

  @Test
  void equalCallersShareOneObject() {
    Caller first = caller("ann");
    assertThat(callers.shared(first)).isSameAs(first);
    assertThat(callers.shared(caller("ann"))).isSameAs(first);
  }

  @Test
  void differentCallersStayDistinct() {
    Caller user = callers.shared(caller("ann"));
    Caller worker = new Caller("acme", "ann", Set.of(Role.WORKER));
    Caller bob = caller("bob");
    assertThat(callers.shared(worker)).isSameAs(worker).isNotEqualTo(user);
    assertThat(callers.shared(bob)).isSameAs(bob);
  }
}
