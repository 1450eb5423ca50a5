// google.protobuf.Struct, which is JSON as a message, to and from plain objects.

export function toStruct(object) {
  return {fields: Object.fromEntries(Object.entries(object).map(([name, value]) => [name, toValue(value)]))};
}

function toValue(value) {
  switch (typeof value) {
    case 'string':
      return {stringValue: value};
    case 'number':
      return {numberValue: value};
    case 'boolean':
      return {boolValue: value};
    default:
      if (value === null) {
        return {nullValue: 'NULL_VALUE'};
      }
      return Array.isArray(value) ? {listValue: {values: value.map(toValue)}} : {structValue: toStruct(value)};
  }
}

export function fromStruct(struct) {
  return Object.fromEntries(Object.entries(struct?.fields ?? {}).map(([name, value]) => [name, fromValue(value)]));
}

function fromValue(value) {
  switch (value.kind) {
    case 'nullValue':
      return null;
    case 'listValue':
      return value.listValue.values.map(fromValue);
    case 'structValue':
      return fromStruct(value.structValue);
    default:
      return value[value.kind];
  }
}
