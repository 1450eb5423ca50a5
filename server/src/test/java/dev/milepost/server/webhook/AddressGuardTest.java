package dev.milepost.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
  private static final Map<String, List<String>> NAMES =
      Map.of(
          "good.example", List.of("93.184.215.14", "2606:4700::1111"),
          "metadata.example", List.of("169.254.169.254"),
          "private.example", List.of("10.0.0.1"),
          "loopback.example", List.of("::1"),
          "mixed.example", List.of("93.184.215.14", "192.168.1.1"));

  static InetAddress[] resolve(String host) throws UnknownHostException {
    List<String> addresses = NAMES.get(host);
    if (addresses == null) {
      // A literal address in a URL is not resolved.
      return InetAddress.getAllByName(host);
    }
    InetAddress[] resolved = new InetAddress[addresses.size()];
    for (int i = 0; i < resolved.length; i++) {
      resolved[i] = InetAddress.getByName(addresses.get(i));
    }
    return resolved;
  }

  @Test
  void aPublicHostIsAllowedWithAllItsAddresses() throws Exception {
    AddressGuard guard = new AddressGuard(AddressGuardTest::resolve, false);
    assertThat(guard.addressesOf(URI.create("https://good.example/a")))
        .containsExactly(resolve("good.example"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://metadata.example/",
        "https://private.example/",
        "https://loopback.example/",
        "https://mixed.example/",
        "http://127.0.0.1/"
      })
  void otherAddressesAreRejected(String url) {
    AddressGuard guard = new AddressGuard(AddressGuardTest::resolve, false);
    assertThatExceptionOfType(WebhookRefusedException.class)
        .isThrownBy(() -> guard.addressesOf(URI.create(url)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://10.0.0.1/", "https://metadata.example/", "http://good.example/"})
  void developmentAllowsOnlyLoopbackInAddition(String url) throws Exception {
    AddressGuard guard = new AddressGuard(AddressGuardTest::resolve, true);
    assertThat(guard.addressesOf(URI.create("http://[::1]:8080/"))).hasSize(1);
    assertThat(guard.addressesOf(URI.create("https://127.0.0.1/"))).hasSize(1);
    assertThatExceptionOfType(WebhookRefusedException.class)
        .isThrownBy(() -> guard.addressesOf(URI.create(url)));
  }
}
