package dev.milepost.testing;

import dev.milepost.client.Role;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The caller as whom an injected {@link dev.milepost.client.JobClient} makes its calls.
 *
 * <pre>{@code
 * @Test
 * void operatorsSeeTheJobsOfOthers(
 *     @As("alice") JobClient alice, @As(value = "olga", roles = Role.OPERATOR) JobClient olga) {}
 * }</pre>
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface As {
  /** Returns the name of the user. */
  String value() default TestServer.DEFAULT_USER;

  /** Returns the tenant. */
  String tenant() default TestServer.DEFAULT_TENANT;

  /** Returns the roles. */
  Role[] roles() default {Role.USER, Role.WORKER};
}
