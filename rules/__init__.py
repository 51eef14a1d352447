"""The built-in rule pack of imagefit, huawei-ims: YAML files, no code."""
