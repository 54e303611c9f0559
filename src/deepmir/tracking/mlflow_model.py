"""A trained model loaded by MLflow: from safetensors and this code, without a pickle.

MLflow runs this file by path when a logged model is loaded, which is why it ends with a call.
"""

from pathlib import Path

import mlflow
import numpy as np
import numpy.typing as npt
import torch

from deepmir.models import losses, model
from deepmir.models.card import task_of


class TrainedModel(mlflow.pyfunc.PythonModel):
    """`mlflow.pyfunc.load_model("models:/...").predict(features)` gives activations."""

    def load_context(self, context: mlflow.pyfunc.PythonModelContext) -> None:
        """Read the logged weights and card."""
        self.network, card, _ = model.load(Path(context.artifacts["model"]))
        self.output = task_of(card).output

    # MLflow would derive another signature from other annotations of `model_input`, and warns if
    # there is none.
    def predict(
        self,
        context: mlflow.pyfunc.PythonModelContext,
        model_input: np.ndarray,
        params: dict[str, object] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Features (B, N, F, T) to activations (B, V), or (B, V, T) for a time-varying task."""
        with torch.inference_mode():
            logits = self.network(torch.from_numpy(np.asarray(model_input, dtype=np.float32)))
        activations: npt.NDArray[np.float32] = losses.activate(self.output, logits).numpy()
        return activations


mlflow.models.set_model(TrainedModel())
