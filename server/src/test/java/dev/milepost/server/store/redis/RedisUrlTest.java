package dev.milepost.server.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.StoreException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {
  @Test
  void missingPartsHaveDefaults() {
    RedisUrl url = RedisUrl.of("redis://store.example");

    assertThat(url.uri().getHost()).isEqualTo("store.example");
    assertThat(url.uri().getPort()).isEqualTo(6379);
    assertThat(url.uri().getDatabase()).isZero();
    assertThat(url.uri().isSsl()).isFalse();
    assertThat(url.prefix()).isEqualTo("milepost");
    assertThat(url.replicas()).isZero();
  }

  @Test
  void everyPartIsParsed() {
    RedisUrl url =
        RedisUrl.of("rediss://u:p%40w@h:7000/3?prefix=a-b&replicas=2&replica_timeout_millis=250");

    assertThat(url.uri().getPort()).isEqualTo(7000);
    assertThat(url.uri().getDatabase()).isEqualTo(3);
    assertThat(url.uri().isSsl()).isTrue();
    assertThat(url.prefix()).isEqualTo("a-b");
    assertThat(url.replicas()).isEqualTo(2);
    assertThat(url.replicaTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(url.location()).isEqualTo("//h:7000/3 (a-b:*)").doesNotContain("p@w");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis:",
        "redis://u:secret@h/x",
        "redis://u:secret@h/1000",
        "redis://u:secret@h?prefix=",
        "redis://u:secret@h?prefix=a{b}",
        "redis://u:secret@h?replicas=-1",
        "redis://u:secret@h?replica_timeout_millis=0",
        "redis://u:secret@h?other=1",
        "redis://u:secret@h h"
      })
  void invalidUrlIsRefusedWithoutRepeatingThePassword(String url) {
    assertThatThrownBy(() -> RedisUrl.of(url))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Use redis://")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }
}
