package dev.milepost.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a JUnit test class Milepost servers of its own: in this process, in memory, on a clock that
 * moves only when the test advances it.
 *
 * <pre>{@code
 * @MilepostTest
 * class UserSyncTest {
 *   @Test
 *   void syncsAll(TestServer server, JobClient client) {
 *     JobHandle job = client.create(JobSpec.of("user-sync"));
 *     server.run(job, new UserSync());
 *     server.history(job).assertSucceeded().assertOutcome("synced", 3);
 *   }
 * }
 * }</pre>
 *
 * <p>Parameters of these types are injected into test methods and {@code @BeforeEach} and
 * {@code @AfterEach} methods: {@link TestServer}, {@link dev.milepost.client.JobClient} (of another
 * caller with {@link As}), {@link TestClock}, {@link Faults}. With {@link Lifetime#CLASS} also into
 * constructors and {@code @BeforeAll} and {@code @AfterAll} methods.
 *
 * <p>No test reaches a store that is not its own: settings that name one are refused, and
 * environment variables, system properties and {@code application.conf} are not read.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MilepostExtension.class)
public @interface MilepostTest {
  /** Returns how long one server is used. */
  Lifetime lifetime() default Lifetime.METHOD;

  /**
   * Returns settings of the server, as in {@code "milepost.jobs.max-retries = 0"}; each once.
   *
   * @see TestServer#start(java.util.Map)
   */
  String[] settings() default {};

  /** How long one server is used. */
  enum Lifetime {
    /** Each test method has its own server and store. */
    METHOD,
    /** All test methods of the class share a server and a store. */
    CLASS
  }
}
