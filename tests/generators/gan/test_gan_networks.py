import pytest
import torch

from deepmir.generators.gan import networks
from deepmir.generators.gan.networks import Discriminator, Generator, Sizes

SIZES = Sizes(bins=20, frames=13, classes=(3, 5), latent=6, width=4, layers=2)
PLAIN = Sizes(bins=16, frames=8, classes=(), latent=6, width=4, layers=3)


def drawn(sizes, classes, seed=0):
    return networks.draw(sizes, classes, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("sizes", [SIZES, PLAIN])
def test_shapes_and_range(sizes):
    torch.manual_seed(0)
    noise, classes = drawn(sizes, [[1] * len(sizes.classes)] * 7)
    patches = Generator(sizes)(noise, classes)
    assert patches.shape == (7, 1, sizes.bins, sizes.frames)
    assert float(patches.detach().abs().max()) <= 1
    judged = Discriminator(sizes, normalised=True)(patches, classes)
    assert judged.shape == (7,)


def test_channels_double_inwards():
    assert SIZES.inner == (8, 5, 4)  # 5 and 4, each doubled twice, cover 20 and 13
    assert PLAIN.inner == (16, 2, 1)


def test_the_patch_and_the_judgement_depend_on_each_class():
    torch.manual_seed(0)
    generator, discriminator = Generator(SIZES).eval(), Discriminator(SIZES, normalised=True).eval()
    noise, classes = drawn(SIZES, [[0, 0]])
    same = generator(noise, classes)
    assert torch.equal(generator(noise, classes), same)
    for other in ([[1, 0]], [[0, 4]]):
        changed = torch.tensor(other)
        assert not torch.allclose(generator(noise, changed), same, atol=1e-4)
        assert not torch.allclose(discriminator(same, changed), discriminator(same, classes))


def test_the_patch_depends_on_the_noise():
    torch.manual_seed(0)
    generator = Generator(SIZES).eval()
    one, other = (generator(*drawn(SIZES, [[0, 0]], seed)) for seed in (1, 2))
    assert not torch.allclose(one, other, atol=1e-4)


def largest_singular_values(discriminator):
    """The effective ones of every layer, with a convolution's kernels as rows of a matrix."""
    return [
        float(torch.linalg.matrix_norm(module.weight.flatten(1), ord=2))
        for module in discriminator.modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear | torch.nn.Embedding)
    ]


def test_spectral_normalisation_keeps_the_largest_singular_value_at_one():
    torch.manual_seed(0)
    made = Discriminator(SIZES, normalised=True)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(3)
    x, classes = torch.randn(4, 1, 20, 13), torch.zeros(4, 2, dtype=torch.long)
    for _ in range(200):  # each pass in training takes the power iteration a step further
        made(x, classes)
    values = largest_singular_values(made.eval())
    assert len(values) == 5
    assert values == pytest.approx([1] * 5, abs=0.02)


def test_without_it_the_weights_stay_as_they_are():
    torch.manual_seed(0)
    values = largest_singular_values(Discriminator(SIZES, normalised=False))
    assert max(abs(value - 1) for value in values) > 0.2
