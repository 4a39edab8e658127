"""How things look: values of the model in, text for a console or a document out. Knows no Azure."""
