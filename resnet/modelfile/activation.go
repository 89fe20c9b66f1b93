package modelfile

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// activation is what makes probabilities of a network's outputs.
type activation struct {
	sides resnet.Activation // as a config.json has it; "" if none says it
	graph resnet.Activation // with which an ONNX graph ends; "" if it gives logits
}

// problemFields are the fields of a config.json that tell what a network's outputs mean. transformers writes the first,
// for networks of timm too, and its pipelines read both.
type problemFields struct {
	Problem  word `json:"problem_type"`
	Function word `json:"function_to_apply"`
}

// word is a string, or null.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, (*string)(w)) != nil {
		return fmt.Errorf("problem_type and function_to_apply are words, and not %.40s", b)
	}
	return nil
}

func (a *activation) read(f problemFields) error {
	switch f.Problem {
	case "multi_label_classification":
		a.sides = resnet.ActivationSigmoid
		return nil
	case "single_label_classification":
		a.sides = resnet.ActivationSoftmax
		return nil
	case "":
	case "regression":
		return errors.New("the network estimates numbers (problem_type: regression), and has no classes to tell " +
			"apart; if its output means a yes or a no, take problem_type out of config.json")
	default:
		return fmt.Errorf("the network's problem_type is %.40q; single_label_classification and "+
			"multi_label_classification are known", f.Problem)
	}
	switch f.Function {
	case "sigmoid":
		a.sides = resnet.ActivationSigmoid
	case "softmax":
		a.sides = resnet.ActivationSoftmax
	case "":
	default:
		return fmt.Errorf("the network's function_to_apply is %.40q; softmax and sigmoid are known", f.Function)
	}
	return nil
}

// activate fills in what makes probabilities, and names the answers of a network with one output.
func (o *Opened) activate(c *weights.Card, a *about) error {
	single := o.Config.Classes == 1
	switch graph, sides := a.activation.graph, a.activation.sides; {
	case graph != "" && sides != "" && graph != sides && !single:
		return fmt.Errorf("config.json wants the %s of the network's outputs, and the graph ends with a %s: they do "+
			"not belong together", sides, graph)
	case graph == resnet.ActivationSoftmax:
		o.note(NoteSoftmax, "dropped")
	case graph == resnet.ActivationSigmoid:
		c.Activation = weights.Sigmoid
		o.note(NoteSigmoid, "dropped")
	case single:
		c.Activation = weights.Sigmoid
		o.note(NoteSigmoid, "one-output")
	case sides == resnet.ActivationSigmoid:
		c.Activation = weights.Sigmoid
	}
	o.orient(c)
	return nil
}

// orient puts the two names of a network with one output in the order of its answers: the output says yes to the
// second name, as is usual.
func (o *Opened) orient(c *weights.Card) {
	if o.Config.Classes == 1 && len(c.Labels) == 2 {
		c.Labels = []string{c.Labels[1], c.Labels[0]}
		o.note(NoteOpposite, c.Labels[0])
	}
}
