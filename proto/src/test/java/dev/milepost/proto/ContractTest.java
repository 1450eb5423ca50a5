package dev.milepost.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.ExtensionRegistry;
import com.google.rpc.Code;
import dev.milepost.v1.ErrorReason;
import dev.milepost.v1.ErrorReasonProto;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the contract promises about itself, held against its descriptors. */
class ContractTest {
  private static final Set<String> STATUS_CODES =
      Arrays.stream(Status.Code.values()).map(Enum::name).collect(Collectors.toSet());

  /** A status code as the comments name it: in capitals, before what it means. */
  private static final Pattern NAMED_CODE = Pattern.compile("\\b([A-Z][A-Z_]+):");

  /** Names of points in time that say more than "_time" could. */
  private static final Set<String> OTHER_TIMES =
      Set.of(
          "milepost.v1.JournalEntry.time",
          "milepost.v1.JobFilter.create_time_from",
          "milepost.v1.JobFilter.create_time_until",
          "milepost.v1.JobFilter.end_time_from",
          "milepost.v1.JobFilter.end_time_until");

  private static final List<FileDescriptorProto> FILES = load();
  private static final List<Element> ELEMENTS = FILES.stream().flatMap(ContractTest::walk).toList();

  /** One named thing of the contract. */
  private record Element(String name, String comment, Object descriptor) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<FileDescriptorProto> load() {
    ExtensionRegistry extensions = ExtensionRegistry.newInstance();
    AnnotationsProto.registerAllExtensions(extensions);
    try (InputStream in =
        Objects.requireNonNull(
            ContractTest.class.getResourceAsStream("/milepost/descriptors.binpb"))) {
      return FileDescriptorSet.parseFrom(in, extensions).getFileList().stream()
          .filter(file -> file.getPackage().startsWith("milepost."))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void theWholeContractIsHere() {
    assertThat(FILES)
        .extracting(FileDescriptorProto::getPackage)
        .contains("milepost.v1")
        .noneMatch(name -> name.startsWith("milepost.storage"));
    assertThat(of(ServiceDescriptorProto.class).map(Element::name))
        .contains("milepost.v1.JobService", "milepost.v1.WorkerService");
    assertThat(ELEMENTS).hasSizeGreaterThan(300);
  }

  static Stream<Element> elements() {
    return ELEMENTS.stream();
  }

  @ParameterizedTest
  @MethodSource("elements")
  void everythingIsExplained(Element element) {
    assertThat(element.comment()).as(element.name()).isNotBlank();
  }

  static Stream<Element> rpcs() {
    return of(MethodDescriptorProto.class);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void everyRpcNamesTheStatusCodesThatItMayAnswer(Element rpc) {
    Set<String> codes = new HashSet<>();
    Matcher named = NAMED_CODE.matcher(rpc.comment());
    while (named.find()) {
      codes.add(named.group(1));
    }
    assertThat(codes).as(rpc.name()).isNotEmpty().isSubsetOf(STATUS_CODES);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void everyRpcHasItsPlaceInHttp(Element rpc) {
    HttpRule http =
        ((MethodDescriptorProto) rpc.descriptor()).getOptions().getExtension(AnnotationsProto.http);

    assertThat(bindings(http))
        .allSatisfy(
            binding -> {
              assertThat(path(binding)).startsWith("/v1/");
              assertThat(binding.getBody())
                  .isEqualTo(binding.hasGet() || binding.hasDelete() ? "" : "*");
            });
  }

  /** A URL is logged by every proxy, and cannot name the key of a map. */
  @ParameterizedTest
  @MethodSource("rpcs")
  void whatAUrlCannotOrMustNotCarryHasAPostForm(Element rpc) {
    MethodDescriptorProto method = (MethodDescriptorProto) rpc.descriptor();
    HttpRule http = method.getOptions().getExtension(AnnotationsProto.http);
    if (bindings(http).noneMatch(HttpRule::hasPost) && http.hasGet()) {
      assertThat(fields(method.getInputType()))
          .noneMatch(field -> field.getName().endsWith("attempt_token"))
          .noneMatch(field -> field.getName().endsWith("resume_token"))
          .noneMatch(field -> field.getTypeName().endsWith("Entry"));
    }
  }

  /** The fields of a message and of the contract's messages in it. */
  private static List<FieldDescriptorProto> fields(String type) {
    List<FieldDescriptorProto> fields = new ArrayList<>();
    of(DescriptorProto.class)
        .filter(message -> type.equals("." + message.name()))
        .flatMap(message -> ((DescriptorProto) message.descriptor()).getFieldList().stream())
        .forEach(
            field -> {
              fields.add(field);
              fields.addAll(fields(field.getTypeName()));
            });
    return fields;
  }

  @Test
  void noTwoRpcsShareAPlaceInHttp() {
    assertThat(
            rpcs()
                .map(rpc -> (MethodDescriptorProto) rpc.descriptor())
                .map(method -> method.getOptions().getExtension(AnnotationsProto.http))
                .flatMap(ContractTest::bindings)
                .map(http -> http.getPatternCase() + " " + path(http)))
        .doesNotHaveDuplicates();
  }

  private static Stream<HttpRule> bindings(HttpRule http) {
    return Stream.concat(Stream.of(http), http.getAdditionalBindingsList().stream());
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void everyRpcHasARequestAndAResponseOfItsOwn(Element rpc) {
    MethodDescriptorProto method = (MethodDescriptorProto) rpc.descriptor();
    assertThat(method.getInputType()).isEqualTo(".milepost.v1." + method.getName() + "Request");
    assertThat(method.getOutputType()).isEqualTo(".milepost.v1." + method.getName() + "Response");
    assertThat(rpcs().map(other -> ((MethodDescriptorProto) other.descriptor()).getName()))
        .as("a name that two services use would share its messages")
        .containsOnlyOnce(method.getName());
  }

  @Test
  void everyRequestAndResponseBelongsToAnRpc() {
    Set<String> used =
        rpcs()
            .map(rpc -> (MethodDescriptorProto) rpc.descriptor())
            .flatMap(method -> Stream.of(method.getInputType(), method.getOutputType()))
            .collect(Collectors.toSet());
    assertThat(
            of(DescriptorProto.class)
                .map(Element::name)
                .filter(name -> name.endsWith("Request") || name.endsWith("Response")))
        .allMatch(name -> used.contains("." + name));
  }

  static Stream<Element> fields() {
    return of(FieldDescriptorProto.class);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void fieldsAreInLowerSnakeCase(Element field) {
    assertThat(((FieldDescriptorProto) field.descriptor()).getName())
        .matches("[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*");
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aTimeIsATimestampAndATimestampIsCalledATime(Element field) {
    FieldDescriptorProto descriptor = (FieldDescriptorProto) field.descriptor();
    boolean isTimestamp = descriptor.getTypeName().equals(".google.protobuf.Timestamp");
    boolean isCalledTime =
        descriptor.getName().endsWith("_time") || OTHER_TIMES.contains(field.name());
    assertThat(isCalledTime).as(field.name()).isEqualTo(isTimestamp);
  }

  static Stream<Element> enums() {
    return of(EnumDescriptorProto.class);
  }

  @ParameterizedTest
  @MethodSource("enums")
  void enumValuesCarryTheirEnumsNameAndZeroIsUnspecified(Element element) {
    EnumDescriptorProto type = (EnumDescriptorProto) element.descriptor();
    String prefix =
        type.getName().replaceAll("(?<=[a-z0-9])([A-Z])", "_$1").toUpperCase(Locale.ROOT) + "_";
    if (!element.name().equals("milepost.v1.ErrorReason")) {
      assertThat(type.getValueList())
          .allSatisfy(value -> assertThat(value.getName()).startsWith(prefix));
    }
    assertThat(type.getValue(0).getName()).isEqualTo(prefix + "UNSPECIFIED");
    assertThat(type.getValue(0).getNumber()).isZero();
  }

  static Stream<ErrorReason> errorReasons() {
    return Arrays.stream(ErrorReason.values())
        .filter(
            reason ->
                reason != ErrorReason.ERROR_REASON_UNSPECIFIED
                    && reason != ErrorReason.UNRECOGNIZED);
  }

  @ParameterizedTest
  @MethodSource("errorReasons")
  void everyErrorReasonHasAStatusCode(ErrorReason reason) {
    assertThat(reason.getValueDescriptor().getOptions().getExtension(ErrorReasonProto.statusCode))
        .isNotEqualTo(Code.OK);
  }

  @Test
  void everythingThatTheContractImportsIsShippedBesideIt() {
    assertThat(FILES)
        .flatExtracting(FileDescriptorProto::getDependencyList)
        .contains("google/api/annotations.proto")
        .allSatisfy(imported -> assertThat(Path.of("target/contract", imported)).isRegularFile());
  }

  private static String path(HttpRule http) {
    return http.getGet() + http.getPost() + http.getPatch() + http.getPut() + http.getDelete();
  }

  private static Stream<Element> of(Class<?> kind) {
    return ELEMENTS.stream().filter(element -> kind.isInstance(element.descriptor()));
  }

  // From descriptors to elements: the path of numbers is that of SourceCodeInfo.Location.

  private static Stream<Element> walk(FileDescriptorProto file) {
    Map<List<Integer>, String> comments = new HashMap<>();
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      comments.put(location.getPathList(), location.getLeadingComments());
    }
    List<Element> found = new ArrayList<>();
    Walker walker = new Walker(comments, found);
    for (int i = 0; i < file.getMessageTypeCount(); i++) {
      walker.message(file.getPackage(), file.getMessageType(i), List.of(4, i));
    }
    for (int i = 0; i < file.getEnumTypeCount(); i++) {
      walker.enumeration(file.getPackage(), file.getEnumType(i), List.of(5, i));
    }
    for (int i = 0; i < file.getServiceCount(); i++) {
      walker.service(file.getPackage(), file.getService(i), List.of(6, i));
    }
    return found.stream();
  }

  private record Walker(Map<List<Integer>, String> comments, List<Element> found) {
    void message(String scope, DescriptorProto message, List<Integer> path) {
      if (message.getOptions().getMapEntry()) {
        return;
      }
      String name = add(scope, message.getName(), message, path);
      for (int i = 0; i < message.getFieldCount(); i++) {
        add(name, message.getField(i).getName(), message.getField(i), child(path, 2, i));
      }
      for (int i = 0; i < message.getNestedTypeCount(); i++) {
        message(name, message.getNestedType(i), child(path, 3, i));
      }
      for (int i = 0; i < message.getEnumTypeCount(); i++) {
        enumeration(name, message.getEnumType(i), child(path, 4, i));
      }
      for (int i = 0; i < message.getOneofDeclCount(); i++) {
        int index = i;
        boolean written =
            message.getFieldList().stream()
                .anyMatch(
                    field ->
                        field.hasOneofIndex()
                            && field.getOneofIndex() == index
                            && !field.getProto3Optional());
        if (written) {
          add(name, message.getOneofDecl(i).getName(), message.getOneofDecl(i), child(path, 8, i));
        }
      }
    }

    void enumeration(String scope, EnumDescriptorProto type, List<Integer> path) {
      String name = add(scope, type.getName(), type, path);
      for (int i = 0; i < type.getValueCount(); i++) {
        add(name, type.getValue(i).getName(), type.getValue(i), child(path, 2, i));
      }
    }

    void service(String scope, ServiceDescriptorProto service, List<Integer> path) {
      String name = add(scope, service.getName(), service, path);
      for (int i = 0; i < service.getMethodCount(); i++) {
        add(name, service.getMethod(i).getName(), service.getMethod(i), child(path, 2, i));
      }
    }

    private String add(String scope, String simpleName, Object descriptor, List<Integer> path) {
      String name = scope + "." + simpleName;
      found.add(new Element(name, comments.getOrDefault(path, ""), descriptor));
      return name;
    }

    private static List<Integer> child(List<Integer> path, int field, int index) {
      List<Integer> child = new ArrayList<>(path);
      child.add(field);
      child.add(index);
      return child;
    }
  }
}
