package dev.milepost.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Shows the worker in {@code /actuator/health}, as {@code milepost}, unless {@code
 * management.health.milepost.enabled} is false. Spring Boot 3 and 4 have the same interface in
 * different packages.
 */
@AutoConfiguration(after = MilepostAutoConfiguration.class)
@ConditionalOnBean(WorkerLifecycle.class)
@ConditionalOnProperty(
    name = "management.health.milepost.enabled",
    havingValue = "true",
    matchIfMissing = true)
public class HealthAutoConfiguration {
  private static final String BEAN = "milepostHealthIndicator";
  private static final String OF_BOOT_3 = "org.springframework.boot.actuate.health.HealthIndicator";
  private static final String OF_BOOT_4 =
      "org.springframework.boot.health.contributor.HealthIndicator";

  /** Called by Spring. */
  public HealthAutoConfiguration() {}

  /** With the actuator of Boot 3. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = OF_BOOT_3)
  @ConditionalOnMissingClass(OF_BOOT_4)
  static class Boot3 {
    @Bean(BEAN)
    @ConditionalOnMissingBean(name = BEAN)
    HealthOfBoot3 milepostHealth(WorkerLifecycle worker) {
      return new HealthOfBoot3(worker);
    }
  }

  /** With the health module of Boot 4. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = OF_BOOT_4)
  static class Boot4 {
    @Bean(BEAN)
    @ConditionalOnMissingBean(name = BEAN)
    HealthOfBoot4 milepostHealth(WorkerLifecycle worker) {
      return new HealthOfBoot4(worker);
    }
  }
}
