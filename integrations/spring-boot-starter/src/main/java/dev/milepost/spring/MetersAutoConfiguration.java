package dev.milepost.spring;

import dev.milepost.micrometer.MilepostMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Measures the client and the handlers if the application has milepost-micrometer and a registry.
 * Spring Boot 3 and 4 configure registries in different packages.
 */
@AutoConfiguration(
    before = MilepostAutoConfiguration.class,
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
    })
@ConditionalOnClass({MilepostMeters.class, MeterRegistry.class})
@ConditionalOnBean(MeterRegistry.class)
public class MetersAutoConfiguration {
  /** Called by Spring. */
  public MetersAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  MilepostMeters milepostMeters(MeterRegistry registry) {
    return new MilepostMeters(registry);
  }

  @Bean
  JobClientCustomizer milepostClientMeters(MilepostMeters meters) {
    return meters::measure;
  }

  @Bean
  WorkerCustomizer milepostWorkerMeters(MilepostMeters meters) {
    return builder -> builder.intercept(meters.handlers());
  }
}
