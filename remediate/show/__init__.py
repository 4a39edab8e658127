"""The output: values of the model in, text for a console or a JSON or YAML document out."""
