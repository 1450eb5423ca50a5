package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The package {@code grpc} stays small, and holds nothing that could run without gRPC. */
class GrpcPackageTest {
  private static final String PACKAGE = "dev.milepost.server.grpc";
  private static final Path SOURCES = Path.of("src/main/java", PACKAGE.replace('.', '/'));
  private static final int MAX_FILES = 35;

  /** Libraries of the transport and of the protocols that it speaks. */
  private static final List<Library> TRANSPORT =
      List.of(Library.GRPC, Library.NETTY, Library.LONG_RUNNING);

  /** Classes that need none of them, and why they are here all the same. */
  private static final Map<String, String> EXCEPTIONS =
      Map.of(
          PACKAGE + ".operations.OperationErrors", "builds the status of a failed operation",
          PACKAGE + ".operations.OperationFilter",
              "parses a field of google.longrunning's requests",
          PACKAGE + ".operations.OperationNames",
              "parses a field of google.longrunning's requests");

  @Test
  void holdsFewFiles() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      assertThat(files.filter(file -> file.toString().endsWith(".java")))
          .hasSizeLessThanOrEqualTo(MAX_FILES);
    }
  }

  @Test
  void holdsNothingThatCouldRunWithoutGrpc() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("test-classes"))
            .importPackages(PACKAGE);
    assertThat(classes).isNotEmpty();
    assertThat(independent(classes)).isEqualTo(EXCEPTIONS.keySet());
  }

  @Test
  void aClassThatNeedsNoGrpcIsFound() {
    JavaClasses planted =
        new ClassFileImporter().importClasses(UsesGrpc.class, UsesIt.class, UsesNothing.class);
    assertThat(independent(planted)).containsExactly(UsesNothing.class.getName());
  }

  /**
   * Returns the top-level classes that use the transport neither themselves nor through another of
   * these classes.
   */
  private static Set<String> independent(JavaClasses classes) {
    Set<String> dependent = new TreeSet<>();
    boolean isGrowing = true;
    while (isGrowing) {
      isGrowing = false;
      for (JavaClass type : classes) {
        boolean isDependent =
            type.getDirectDependenciesFromSelf().stream()
                .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                .anyMatch(
                    target ->
                        dependent.contains(owner(target))
                            || TRANSPORT.stream()
                                .anyMatch(library -> library.contains(target.getPackageName())));
        isGrowing |= isDependent && dependent.add(owner(type));
      }
    }
    Set<String> independent = new TreeSet<>();
    for (JavaClass type : classes) {
      if (!dependent.contains(owner(type)) && !type.getSimpleName().equals("package-info")) {
        independent.add(owner(type));
      }
    }
    return independent;
  }

  /** Returns the name of the file's class: nested classes count as part of it. */
  private static String owner(JavaClass type) {
    String name = type.getName();
    int nested = name.startsWith(PACKAGE) ? name.indexOf('$') : -1;
    return nested < 0 ? name : name.substring(0, nested);
  }

  interface UsesGrpc {
    io.grpc.Status status();
  }

  interface UsesIt {
    UsesGrpc other();
  }

  interface UsesNothing {}
}
