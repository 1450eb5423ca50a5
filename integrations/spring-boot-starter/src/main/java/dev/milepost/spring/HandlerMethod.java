package dev.milepost.spring;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobParams;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.util.ReflectionUtils;

/** A method of a bean as a handler. Thread-safe as far as the bean is. */
final class HandlerMethod implements JobHandler {
  /** What a method may take. */
  private static final Map<Class<?>, Function<JobContext, Object>> ARGUMENTS =
      Map.of(
          JobContext.class, context -> context,
          JobLogger.class, JobContext::logger,
          JobParams.class, JobContext::params);

  private final Object bean;
  private final Method method;
  private final List<Function<JobContext, Object>> arguments;

  private HandlerMethod(Object bean, Method method, List<Function<JobContext, Object>> arguments) {
    this.bean = bean;
    this.method = method;
    this.arguments = arguments;
  }

  /**
   * Creates the handler.
   *
   * @throws IllegalStateException if the method cannot be one
   */
  static HandlerMethod of(Object bean, Method method) {
    Class<?> returned = method.getReturnType();
    if (returned != void.class && !Map.class.isAssignableFrom(returned)) {
      throw invalid(method, "returns " + returned.getName() + ". Return nothing, or a Map.");
    }
    for (Class<?> parameter : method.getParameterTypes()) {
      if (!ARGUMENTS.containsKey(parameter)) {
        throw invalid(
            method,
            "has a parameter of the type "
                + parameter.getName()
                + ". Use JobContext, JobLogger and JobParams of dev.milepost.client.");
      }
    }
    ReflectionUtils.makeAccessible(method);
    return new HandlerMethod(
        bean, method, Arrays.stream(method.getParameterTypes()).map(ARGUMENTS::get).toList());
  }

  private static IllegalStateException invalid(Method method, String why) {
    return new IllegalStateException("The @JobHandler method " + name(method) + " " + why);
  }

  private static String name(Method method) {
    return method.getDeclaringClass().getName() + "." + method.getName();
  }

  @Override
  public void handle(JobContext context) throws Exception {
    Object result;
    try {
      result =
          method.invoke(
              bean, arguments.stream().map(argument -> argument.apply(context)).toArray());
    } catch (InvocationTargetException e) {
      ReflectionUtils.rethrowException(e.getTargetException());
      throw e;
    }
    if (result instanceof Map<?, ?> map) {
      context.result(withNames(map));
    }
  }

  @SuppressWarnings("unchecked") // The client writes each key as text.
  private static Map<String, ?> withNames(Map<?, ?> map) {
    return (Map<String, ?>) map;
  }

  @Override
  public String toString() {
    return name(method);
  }
}
