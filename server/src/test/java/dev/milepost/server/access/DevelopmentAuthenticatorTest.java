package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Development headers: what they accept, and that no two identities become one. */
class DevelopmentAuthenticatorTest {
  private final DevelopmentAuthenticator kind = new DevelopmentAuthenticator();

  private Caller caller(String... headers) {
    return kind.authenticate(ShownCall.local(headers));
  }

  private void refused(String why, String... headers) {
    assertThatThrownBy(() -> caller(headers))
        .isInstanceOf(AccessException.Unauthenticated.class)
        .hasMessageContaining(why);
  }

  @Test
  void readsRolesInEitherCase() {
    Caller caller = caller("x-milepost-user", "ann", "x-milepost-roles", "admin, Worker,USER");
    assertThat(caller.roles()).isEqualTo(Set.of(Role.ADMIN, Role.WORKER, Role.USER));
    assertThat(caller("x-milepost-user", "ann").roles()).isEqualTo(Set.of(Role.USER, Role.WORKER));
  }

  @Test
  void foldsNothingElseIntoARole() {
    for (String role :
        List.of(
            "adm\u0131n",
            "ADM\u0130N",
            "ADMIN\u00a0",
            "\u2003ADMIN",
            "ADMIN\t",
            "A\u200bDMIN",
            "\uff21DMIN",
            "u\u017fer",
            "wor\u212aer",
            "",
            "ADMIN,",
            "ADMIN,,USER",
            "ADMIN USER")) {
      refused("x-milepost-roles", "x-milepost-user", "ann", "x-milepost-roles", role);
      assertThat(Role.named(role)).isEmpty();
    }
  }

  @Test
  void namesAreNeverCleaned() {
    for (String name : List.of(" ann", "ann ", "ann\t", "\u00a0ann", "", "an n", "\u00e1nn")) {
      refused("x-milepost-user", "x-milepost-user", name);
      refused("x-milepost-tenant", "x-milepost-user", "ann", "x-milepost-tenant", name);
    }
    assertThat(caller("x-milepost-user", "Ann").userId()).isEqualTo("Ann");
  }

  @Test
  void refusesForwardedCalls() {
    for (String header :
        List.of("x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-proto")) {
      refused(header, "x-milepost-user", "ann", header, "203.0.113.7");
      refused(header, "x-milepost-user", "ann", header, "");
    }
  }
}
