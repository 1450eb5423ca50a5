/**
 * Milepost in a Spring Boot application: {@link dev.milepost.spring.MilepostAutoConfiguration}
 * provides a {@link dev.milepost.client.JobClient}, and runs methods with {@link
 * dev.milepost.spring.JobHandler} as handlers. {@link dev.milepost.spring.MilepostProperties} has
 * the settings.
 */
@NullMarked
package dev.milepost.spring;

import org.jspecify.annotations.NullMarked;
