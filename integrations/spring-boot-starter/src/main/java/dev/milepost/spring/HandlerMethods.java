package dev.milepost.spring;

import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/** Finds the methods with {@link JobHandler} in all beans, as they are created. */
final class HandlerMethods implements BeanPostProcessor {
  private final Map<String, HandlerMethod> handlers = new LinkedHashMap<>();

  /** Runs after proxies are in place, so that transactions and the like apply to handlers. */
  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    Class<?> type = AopUtils.getTargetClass(bean);
    if (!ClassUtils.isPrimitiveOrWrapper(type)
        && !type.getName().startsWith("org.springframework")) {
      MethodIntrospector.selectMethods(type, HandlerMethods::annotation)
          .forEach((method, handler) -> add(handler.value(), bean, method));
    }
    return bean;
  }

  private static @org.jspecify.annotations.Nullable JobHandler annotation(Method method) {
    return AnnotatedElementUtils.findMergedAnnotation(method, JobHandler.class);
  }

  private synchronized void add(String type, Object bean, Method method) {
    Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
    HandlerMethod added = HandlerMethod.of(bean, invocable);
    HandlerMethod other = handlers.put(type, added);
    if (other != null && !other.toString().equals(added.toString())) {
      throw new IllegalStateException(
          "Two @JobHandler methods are for the type \"%s\": %s and %s. Remove one."
              .formatted(type, other, added));
    }
  }

  /** Returns the handlers by type. */
  synchronized Map<String, HandlerMethod> handlers() {
    return Map.copyOf(handlers);
  }
}
