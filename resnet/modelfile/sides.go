package modelfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// maxSide is the largest file beside the weights that is read, in bytes: ten times the size of ImageNet-21k's names.
const maxSide = 4 << 20

// about is what the side files say of a network. Unknown fields are zero.
type about struct {
	hints      statedict.Hints
	block      resnet.Block
	labels     []string // of a config.json
	labelsFrom string   // the name of that file
	lists      []labelList
	index      *weights.Index
	pictures   *pictures
	source     string
	indexFile  string
	all        []string // the names of all files
	unread     []string // of those that are not understood

	activation activation
	// graphHeight and graphWidth are the input size of an ONNX graph.
	graphHeight, graphWidth int
	expected                expected
	notes                   []Note
}

// expected is what the side files say of the network's structure, which the tensors say too.
type expected struct {
	classes, width, features int
	stages, depths           []int // each stage's channels and blocks
}

// pictures describes how pictures are prepared.
type pictures struct {
	height, width int // 0: not said
	// A picture covers resizeHeight × resizeWidth before it is cut, or with squash is squeezed to exactly that.
	resizeHeight, resizeWidth int
	squash                    bool
	otherwise                 []string // values of NoteResize
	interpolation             string
	bgr                       bool
	rescale                   float32
	mean, std                 []float32
}

func readSides(sides []Side) (*about, error) {
	a := &about{}
	for _, s := range sides {
		a.all = append(a.all, s.Name)
		understood, err := a.read(s)
		if err != nil {
			values := map[string]string{"file": printable(s.Name), "detail": errtext.Clause(err)}
			return nil, withValues(WhySettings, values, fmt.Errorf("%.80q: %w", s.Name, err))
		}
		if !understood {
			a.unread = append(a.unread, s.Name)
		}
	}
	return a, nil
}

// read recognises a file by its content, and reads it. It returns false for a file that says nothing of a network.
func (a *about) read(s Side) (understood bool, err error) {
	if len(s.Data) > maxSide {
		return false, nil
	}
	content, ok := decoded(s.Data)
	if !ok {
		return false, nil
	}
	text, ok := jsonOf(content)
	if !ok {
		labels, isCertain := textLabels(s.Name, content)
		if labels == nil {
			labels, isCertain = yamlLabels(s.Name, content), true
		}
		return len(labels) > 0 && a.keep(s.Name, labels, isCertain), nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields) // a list has none
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := fields[name]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("weight_map"):
		index, err := weights.ParseIndex(text)
		if err != nil || a.index != nil || !ofSafetensors(index) {
			return false, nil
		}
		a.index, a.indexFile = index, s.Name
		return true, nil
	case has("pretrained_cfg", "architecture"):
		a.labelsFrom = s.Name
		return true, a.timm(text)
	case has("resize_size"):
		return true, a.torchvision(text)
	case has("image_mean", "image_processor_type", "feature_extractor_type", "do_normalize"):
		return true, a.preprocessor(text)
	case has("model_type", "architectures", "id2label"):
		a.labelsFrom = s.Name
		return true, a.transformers(text)
	}
	labels, isCertain, err := jsonLabels(text)
	if labels == nil && err == nil {
		labels, err = nestedLabels(fields)
		isCertain = true
	}
	return labels != nil && a.keep(s.Name, labels, isCertain), err
}

// transformers reads the config.json of a Hugging Face ResNet.
func (a *about) transformers(text []byte) error {
	var c struct {
		ModelType    string            `json:"model_type"`
		LayerType    string            `json:"layer_type"`
		Activation   string            `json:"hidden_act"`
		FirstStage   bool              `json:"downsample_in_first_stage"`
		InBottleneck bool              `json:"downsample_in_bottleneck"`
		ID2Label     map[string]string `json:"id2label"`
		Label2ID     json.RawMessage   `json:"label2id"`
		Path         string            `json:"_name_or_path"`
		Channels     *int              `json:"num_channels"`
		Width        int               `json:"embedding_size"`
		Stages       []int             `json:"hidden_sizes"`
		Depths       []int             `json:"depths"`
		Classes      int               `json:"num_labels"`
		problemFields
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	switch {
	case c.ModelType != "" && c.ModelType != "resnet":
		return fmt.Errorf("the file describes a network of the kind %.40q, not a resnet", c.ModelType)
	case c.Activation != "" && c.Activation != "relu":
		return fmt.Errorf("the network's activation is %.40q; only relu is known", c.Activation)
	case c.FirstStage:
		return fmt.Errorf("the network shrinks the picture in its first stage (downsample_in_first_stage), which is " +
			"not supported")
	case c.LayerType != "" && c.LayerType != string(resnet.Basic) && c.LayerType != string(resnet.Bottleneck):
		return fmt.Errorf("the network's layer_type is %.40q; basic and bottleneck are known", c.LayerType)
	case c.Channels != nil && *c.Channels != 3:
		return fmt.Errorf("the network's pictures have %d channels (num_channels); three are known", *c.Channels)
	}
	a.expected = expected{classes: c.Classes, width: c.Width, stages: c.Stages, depths: c.Depths}
	a.block = resnet.Block(c.LayerType)
	a.hints.StrideIn = resnet.StrideIn3x3
	if c.InBottleneck {
		a.hints.StrideIn = resnet.StrideIn1x1
	}
	a.source = c.Path
	if err := a.activation.read(c.problemFields); err != nil {
		return err
	}
	var err error
	switch {
	case len(c.ID2Label) > 0:
		a.labels, err = byNumber(len(c.ID2Label),
			func(i string) (string, bool) { label, ok := c.ID2Label[i]; return label, ok })
	case len(c.Label2ID) > 0:
		a.labels, _, err = jsonLabels(c.Label2ID)
	}
	return err
}

// classIndex reads {"0": "tench"} and {"0": ["n01440764", "tench"]}.
func classIndex(fields map[string]json.RawMessage) ([]string, error) {
	return byNumber(len(fields), func(i string) (string, bool) {
		var label string
		var pair []string
		raw, ok := fields[i]
		if json.Unmarshal(raw, &label) != nil && json.Unmarshal(raw, &pair) == nil && len(pair) > 0 {
			label = pair[len(pair)-1]
		}
		return label, ok
	})
}

// byNumber reads n labels by their numbers.
func byNumber(n int, label func(string) (string, bool)) ([]string, error) {
	labels := make([]string, n)
	for i := range labels {
		words, ok := label(strconv.Itoa(i))
		if !ok || words == "" {
			return nil, fmt.Errorf("there are %d labels, but none for class %d", n, i)
		}
		labels[i] = words
	}
	return labels, nil
}

// agrees returns an error if the side files belong to another network.
func (a *about) agrees(c resnet.Config) error {
	if a.block != "" && a.block != c.Block {
		return fmt.Errorf("config.json describes %.40s blocks, the file has %s blocks: they do not belong together",
			a.block, c.Block)
	}
	if err := a.expected.agrees(c); err != nil {
		return err
	}
	return nil
}

// agrees returns an error if a structure is another one.
func (e expected) agrees(c resnet.Config) error {
	var stages []int
	for i := range c.Layers {
		stages = append(stages, c.Width<<i*c.Expansion)
	}
	apart := func(what string, said, is any) error {
		return fmt.Errorf("the configuration says %s %v, and the file has %v: they do not belong together", what,
			said, is)
	}
	switch {
	case e.classes != 0 && e.classes != c.Classes && e.classes != c.Answers():
		return apart("classes:", e.classes, c.Classes)
	case e.width != 0 && e.width != c.Width:
		return apart("embedding_size", e.width, c.Width)
	case e.features != 0 && e.features != c.Features():
		return apart("num_features", e.features, c.Features())
	case e.depths != nil && !slices.Equal(e.depths, c.Layers):
		return apart("depths", e.depths, c.Layers)
	case e.stages != nil && !slices.Equal(e.stages, stages):
		return apart("hidden_sizes", e.stages, stages)
	}
	return nil
}
