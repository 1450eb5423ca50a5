package dev.milepost.testing;

import dev.milepost.client.JobClient;
import dev.milepost.testing.MilepostTest.Lifetime;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts a server when a test first asks for a part of it, and closes it with the method or class
 * for which it was started.
 */
final class MilepostExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(MilepostExtension.class);
  private static final Set<Class<?>> TYPES =
      Set.of(TestServer.class, JobClient.class, TestClock.class, Faults.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return TYPES.contains(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    TestServer server = server(context);
    Class<?> type = parameter.getParameter().getType();
    if (type == TestClock.class) {
      return server.clock();
    } else if (type == Faults.class) {
      return server.faults();
    } else if (type == JobClient.class) {
      return client(server, parameter.findAnnotation(As.class));
    }
    return server;
  }

  private static JobClient client(TestServer server, Optional<As> caller) {
    return caller
        .map(as -> server.client(as.tenant(), as.value(), Set.of(as.roles())))
        .orElseGet(server::client);
  }

  private static TestServer server(ExtensionContext context) {
    Configured configured = configured(context);
    boolean isShared = configured.test().lifetime() == Lifetime.CLASS;
    if (!isShared && context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "Each test method has a Milepost server of its own, so there is none for constructors,"
              + " @BeforeAll and @AfterAll methods. Use @MilepostTest(lifetime = Lifetime.CLASS),"
              + " or take the parameter in a @BeforeEach method.");
    }
    ExtensionContext owner = isShared ? configured.context() : context;
    return owner
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            TestServer.class,
            any -> TestServer.start(TestSettings.parse(configured.test().settings())),
            TestServer.class);
  }

  /**
   * A class with the annotation.
   *
   * @param context the context of the class
   */
  private record Configured(MilepostTest test, ExtensionContext context) {}

  /** Finds the annotation on the test's class, or on one in which that is nested. */
  private static Configured configured(ExtensionContext context) {
    for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
      Optional<MilepostTest> test =
          at.getTestMethod().isPresent()
              ? Optional.empty()
              : at.getTestClass()
                  .flatMap(type -> AnnotationSupport.findAnnotation(type, MilepostTest.class));
      if (test.isPresent()) {
        return new Configured(test.get(), at);
      }
    }
    throw new ParameterResolutionException("The test class has no @MilepostTest.");
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close(context);
  }

  /** Closes the server that was started for this context; those of enclosing ones live on. */
  private static void close(ExtensionContext context) {
    @Nullable TestServer server =
        context.getStore(NAMESPACE).remove(TestServer.class, TestServer.class);
    if (server != null) {
      server.close();
    }
  }
}
