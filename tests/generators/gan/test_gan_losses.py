import pytest
import torch

from deepmir.generators.gan import losses

REAL = torch.tensor([2.0, 0.5, -1.0])
MADE = torch.tensor([-3.0, 0.0, 1.5])


def test_hinge_by_hand():
    # Real: 0, 0.5 and 2 short of a margin of one; made: 0, 1 and 2.5.
    assert float(losses.of_discriminator("hinge", REAL, MADE)) == pytest.approx(2.5 / 3 + 3.5 / 3)


def test_hinge_asks_for_no_more_than_the_margin():
    real = torch.tensor([1.5], requires_grad=True)
    losses.of_discriminator("hinge", real, torch.tensor([-1.5])).backward()
    assert float(real.grad) == 0


def test_wasserstein_by_hand():
    assert float(losses.of_discriminator("wasserstein", REAL, MADE)) == pytest.approx(-0.5 - 0.5)


def test_the_generator_wants_a_high_judgement():
    assert float(losses.of_generator(MADE)) == pytest.approx(0.5)


def test_the_penalty_of_a_linear_critic_has_a_closed_form():
    weights = torch.tensor([[3.0, 4.0]], requires_grad=True)
    penalty = losses.gradient_penalty(
        lambda x: x @ weights[0], torch.randn(5, 2), torch.randn(5, 2), torch.rand(5)
    )
    assert float(penalty.detach()) == pytest.approx((5 - 1) ** 2)
    penalty.backward()
    # d (|w| - 1)^2 / dw = 2 (|w| - 1) w / |w|
    assert weights.grad[0].tolist() == pytest.approx([2 * 4 * 0.6, 2 * 4 * 0.8])


def test_the_penalty_of_a_quadratic_critic_is_taken_between_the_two():
    """x^2 / 2 in each axis has the gradient |x|, here a quarter of the way from made to real."""
    real, made = torch.tensor([[4.0, 0.0]]), torch.tensor([[0.0, 8.0]])
    penalty = losses.gradient_penalty(lambda x: (x**2).sum(1) / 2, real, made, torch.tensor([0.25]))
    assert float(penalty.detach()) == pytest.approx(((1.0**2 + 6.0**2) ** 0.5 - 1) ** 2)


def test_the_penalty_agrees_with_finite_differences(rng):
    """For a small network, with each patch's gradient computed manually."""
    torch.manual_seed(0)
    critic = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    critic = critic.double()
    real, made = torch.randn(2, 3).double(), torch.randn(2, 3).double()
    between, step, expected = torch.tensor([0.3, 0.9]).double(), 1e-5, []
    for a, b, share in zip(real, made, between, strict=True):
        point = share * a + (1 - share) * b
        slopes = [
            (critic(point + step * axis) - critic(point - step * axis)).item() / (2 * step)
            for axis in torch.eye(3).double()
        ]
        expected.append((sum(slope**2 for slope in slopes) ** 0.5 - 1) ** 2)
    found = losses.gradient_penalty(lambda x: critic(x)[:, 0], real, made, between)
    assert float(found.detach()) == pytest.approx(sum(expected) / 2, rel=1e-5)
