package dev.milepost.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method of a bean that does the work of jobs of one type. The application's worker claims
 * the jobs and calls it.
 *
 * <pre>{@code
 * @JobHandler("user-sync")
 * Map<String, Object> sync(JobContext job) { ... }
 * }</pre>
 *
 * <p>The method may have parameters of the types {@link dev.milepost.client.JobContext}, {@link
 * dev.milepost.client.JobLogger} and {@link dev.milepost.client.JobParams}, in any order, and may
 * throw anything; see {@link dev.milepost.client.JobHandler#handle}. It returns nothing, or a map,
 * which becomes the result of the job unless it is null.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface JobHandler {
  /** Returns the type of the jobs. Only one method may have it. */
  String value();
}
