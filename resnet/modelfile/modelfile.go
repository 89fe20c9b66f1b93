// Package modelfile opens model files that users bring: .safetensors files with the tensor names of torchvision, timm
// or Hugging Face transformers, and ONNX files, each with the JSON files that are published beside it. The result is a
// file for resnet.Load and a list of everything that had to be assumed.
//
// The result's tensors alias the file's bytes. Nothing large is allocated before every tensor has been checked.
package modelfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/resnet/statedict"
	"github.com/seed8935e608/residua/weights"
)

// Options describe a file besides its bytes.
type Options struct {
	Name  string // the file's name, from which the model gets its name
	Sides []Side // files that were given with it
}

// Side is a file that describes the network: config.json of transformers or timm, preprocessor_config.json, the index
// of a checkpoint in several files, or a list of labels as JSON, YAML, text or a table. A file that is none of these
// does no harm.
type Side struct {
	Name string
	Data []byte
}

// Opened is a user's network.
type Opened struct {
	File   *weights.File // for resnet.Load and for saving, with the card and the structure in its metadata
	Config resnet.Config
	Card   weights.Card
	Kind   Kind
	Names  string // the file's naming scheme: a statedict.Dialect, "residua" or, for ONNX, "graph"
	Notes  []Note
	Bytes  int64  // size of the weights' files
	Sum    uint32 // CRC-32 of the weights' files, one after the other
}

// Note reports something that the files do not say, or that is done differently: a code for programs, and a value.
type Note struct {
	Code  string
	Value string
}

// The codes of notes, in addition to those of statedict's assumptions.
const (
	// NotePreprocessing: the files give no mean and deviation, so ImageNet's are used. Value is "imagenet".
	NotePreprocessing = "preprocessing"
	// NoteInputSize: the files give no input size. Value is the side that is used, in pixels.
	NoteInputSize = "input-size"
	// NoteGraphSize: the graph takes pictures of another size than the files beside it say. Value is the graph's size,
	// which is used: "256x128" (height × width).
	NoteGraphSize = "graph-size"
	// NoteInputShape: the network takes pictures that are not square, and the files do not say how a picture gets that
	// shape. The whole picture is squeezed to it. Value is the shape: "256x128" (height × width).
	NoteInputShape = "input-shape"
	// NoteInterpolation: pictures are resized bilinearly, but the network expects another filter, which is not one of
	// weights.Interpolations. Value is its name.
	NoteInterpolation = "interpolation"
	// NoteResize: pictures are resized to the network's size and cut, but the network expects something else. Value is
	// "border" for the whole picture within a border, "whole" for the whole picture in its own proportions, and "none"
	// for pictures that are not resized.
	NoteResize = "resize"
	// NoteProcessor: the pictures are prepared by a class that is not known; its settings may mean something else.
	// Value is its name.
	NoteProcessor = "processor"
	// NoteSetting: the configuration has a setting of the network that is not known, and that is ignored. Value is the
	// setting, such as "model_args.x = 1".
	NoteSetting = "setting"
	// NoteLabels: the files do not name the classes. Value is "imagenet" if they are taken to be ImageNet's 1,000 in
	// the usual order, "yes-no" for the two answers of one output, or else "numbers".
	NoteLabels = "labels"
	// NoteSoftmax: the graph ends with a softmax, which is dropped because resnet computes its own. Value is "dropped".
	NoteSoftmax = "softmax"
	// NoteSigmoid: the probabilities are sigmoids. Value is "dropped" if the graph ends with one, which resnet computes
	// itself, and "one-output" if it is assumed because the network has one output.
	NoteSigmoid = "sigmoid"
	// NoteOpposite: a network with one output has two names, and the output is taken to say yes to the second, as is
	// usual. Value is that name.
	NoteOpposite = "opposite"
	// NotePadding: zeros follow the network in its file, and are left out. Value is the number of bytes.
	NotePadding = "padding"
	// NoteSideUnread: files beside the weights are not understood, and were left out. Value lists their names. Behind a
	// text that may be a list of labels it has the numbers of its lines and of the classes: "x.txt (6 ≠ 5)".
	NoteSideUnread = "side-unread"
	// NoteFileUnused: files that were given are not needed for this network. Value lists their names.
	NoteFileUnused = "file-unused"
	// NoteLabelsUnused: files name the classes otherwise than another one, which was taken. Value lists their names.
	NoteLabelsUnused = "labels-unused"
	// NoteLabelsCount: files name another number of classes than the network has, so these names were not taken. Value
	// lists the files with both numbers: "labels.json (6 ≠ 5)".
	NoteLabelsCount = "labels-count"
	// NoteZeros: the last weights of the file are all zeros, as in a file that was laid out before its download. Value
	// is the number of zeros.
	NoteZeros = "zeros"
)

// Open recognises the network in a file. Errors are Refusals: clauses for people, which name the tensor, the node or
// the file to blame. OpenFiles opens networks that are in several files.
func Open(file []byte, o Options) (*Opened, error) {
	s := &source{
		name: o.Name, kind: Sniff(file), parts: []part{{o.Name, file}},
		rest: func() ([]Side, []string, error) { return o.Sides, nil, nil },
	}
	return s.open()
}

// open recognises the network. Zeros that follow it in its file are left out.
func (s *source) open() (*Opened, error) {
	opened, err := s.recognise()
	var size *weights.SizeError
	if errors.As(err, &size) && len(s.parts) == 1 && size.Want < size.Size {
		if file := s.parts[0].content; len(bytes.Trim(file[size.Want:], "\x00")) == 0 {
			s.parts[0].content = file[:size.Want]
			if opened, err = s.recognise(); err == nil {
				opened.note(NotePadding, strconv.FormatInt(size.Size-size.Want, 10))
			}
		}
	}
	if err != nil {
		return nil, asRefusal(err)
	}
	return opened, nil
}

func (s *source) recognise() (*Opened, error) {
	opened := &Opened{Kind: s.kind}
	var about *about
	var tensors []weights.Tensor
	switch s.kind {
	case Safetensors:
		var err error
		if about, err = opened.describe(s); err != nil {
			return nil, err
		}
		f, err := s.safetensors(about.index)
		if err != nil {
			return nil, because(WhyDamaged, err)
		}
		if _, ours := f.Metadata[weights.ConfigKey]; ours {
			return opened.ours(s, about, f)
		}
		about.readMetadata(f.Metadata)
		n, err := statedict.Read(f, about.hints)
		if err != nil {
			return nil, because(WhyStructure, cmp.Or(s.incomplete, err))
		}
		opened.Config, opened.Names, tensors = n.Config, string(n.Dialect), n.Tensors
		for _, a := range n.Assumed {
			opened.note(a.Code, a.Value)
		}
		if zeros := zerosAtEnd(f); zeros > 0 {
			opened.note(NoteZeros, strconv.Itoa(zeros))
		}
	case ONNX:
		n, err := onnx.ImportWith(s.parts[0].content, s.data)
		if err != nil {
			_, unused, _ := s.rest()
			return nil, because(WhyGraph, renamed(err, unused))
		}
		if about, err = opened.describe(s); err != nil {
			return nil, err
		}
		opened.Config, opened.Names, tensors = n.Config, "graph", n.Tensors
		if _, ours := n.Metadata[weights.CardKey]; ours {
			return opened.exported(s, about, n)
		}
		about.readMetadata(n.Metadata)
		about.activation.graph = n.Activation
		about.graphHeight, about.graphWidth = n.InputHeight, n.InputWidth
	default:
		if other := notAModel(s.parts[0].content, s.kind, s.parts[0].name); other != nil {
			return nil, other
		}
		return nil, opened.Kind.refusal()
	}
	if err := about.agrees(opened.Config); err != nil {
		return nil, because(WhyApart, err)
	}
	opened.measure(s)
	card, err := opened.card(about, s.name)
	if err != nil {
		return nil, because(WhyPreparation, err)
	}
	opened.Card = card
	for _, name := range about.unread {
		opened.noteFile(NoteSideUnread, name)
	}
	return opened, because(WhyStructure, opened.assemble(tensors))
}

// describe reads the files beside the weights.
func (o *Opened) describe(s *source) (*about, error) {
	sides, unused, err := s.rest()
	if err != nil {
		return nil, err
	}
	for _, name := range unused {
		o.noteFile(NoteFileUnused, name)
	}
	a, err := readSides(sides)
	if err != nil {
		return nil, err
	}
	if a.index != nil && s.kind != Safetensors {
		a.unread = append(a.unread, a.indexFile)
	}
	return a, nil
}

// measure notes size and checksum of the weights' files.
func (o *Opened) measure(s *source) {
	o.Sum = s.sum()
	for _, p := range s.parts {
		o.Bytes += int64(len(p.content))
	}
}

// ours opens a file that has the network's structure in its metadata.
func (o *Opened) ours(s *source, a *about, f *weights.File) (*Opened, error) {
	var err error
	if o.Config, o.Card, err = resnet.Describe(f); err != nil {
		return nil, because(WhyDamaged, err)
	}
	o.measure(s)
	if o.relabel(a) {
		card, err := o.Card.Encode()
		if err != nil {
			return nil, because(WhyDamaged, err)
		}
		f = f.With(map[string]string{weights.CardKey: card}, nil)
	}
	o.Names, o.File = "residua", f
	tensors := f.Tensors()
	kept := make([]weights.Tensor, 0, len(tensors))
	for _, t := range tensors {
		if !strings.HasSuffix(t.Name, ".num_batches_tracked") {
			kept = append(kept, t)
		}
	}
	return o, because(WhyDamaged, statedict.Verify(o.Config, kept))
}

// exported uses the card in a graph that onnx.Export wrote. The structure is derived from the graph.
func (o *Opened) exported(s *source, a *about, n *onnx.Network) (*Opened, error) {
	var err error
	if o.Card, err = weights.CardFrom(n.Metadata); err != nil {
		return nil, because(WhyDamaged, err)
	}
	switch n.Activation { // another program may have put one behind the graph
	case resnet.ActivationSigmoid:
		o.Card.Activation = weights.Sigmoid
	case resnet.ActivationSoftmax:
		o.Card.Activation = ""
	}
	o.measure(s)
	o.relabel(a)
	return o, because(WhyDamaged, o.assemble(n.Tensors))
}

// relabel takes a list of labels that was given with a network which has a card, and notes the other files beside it:
// the card says all that they could. It reports whether there is a list.
func (o *Opened) relabel(a *about) bool {
	isList := func(name string) bool {
		return slices.ContainsFunc(a.lists, func(l labelList) bool { return l.file == name })
	}
	for _, name := range a.all {
		if !isList(name) {
			o.noteFile(NoteFileUnused, name)
		}
	}
	if len(a.lists) == 0 {
		return false
	}
	a.labels = nil
	labels := o.labelsFor(a)
	if len(labels) > 0 {
		o.Card.Labels = labels
		o.orient(&o.Card)
	}
	return len(labels) > 0
}

// assemble makes a file of the tensors, the structure and the card.
func (o *Opened) assemble(tensors []weights.Tensor) error {
	structure, err := json.Marshal(o.Config)
	if err != nil {
		return err
	}
	card, err := o.Card.Encode()
	if err != nil {
		return err
	}
	metadata := map[string]string{"format": "pt", weights.ConfigKey: string(structure), weights.CardKey: card}
	if o.File, err = weights.NewFile(metadata, tensors); err != nil {
		return err
	}
	_, _, err = resnet.Describe(o.File)
	return err
}

// zerosAtEnd counts the zeros at the end of a file's weights, or is 0 if they are fewer than a download's smallest
// block. Vectors do not count: biases may well be zeros.
func zerosAtEnd(f *weights.File) int {
	zeros := 0
	for _, t := range slices.Backward(f.Tensors()) {
		n := len(t.Data) - len(bytes.TrimRight(t.Data, "\x00"))
		if len(t.Shape) > 1 {
			zeros += n / t.DType.Size()
		}
		if n < len(t.Data) {
			break
		}
	}
	if zeros < 1024 {
		return 0
	}
	return zeros
}

func (o *Opened) note(code, value string) { o.Notes = append(o.Notes, Note{code, value}) }

// noteFile notes something about a file. One note lists all files with the same code, of which it names the first few.
func (o *Opened) noteFile(code, name string) {
	const most = 5
	name = printable(name)
	i := slices.IndexFunc(o.Notes, func(n Note) bool { return n.Code == code })
	switch {
	case i < 0:
		o.note(code, name)
	case strings.Count(o.Notes[i].Value, ", ") < most-1:
		o.Notes[i].Value += ", " + name
	case !strings.HasSuffix(o.Notes[i].Value, "…"):
		o.Notes[i].Value += ", …"
	}
}

// Kind is the kind of a file.
type Kind string

// The kinds that Sniff recognises. Open takes the first two; JSON files belong in Options.Sides.
const (
	Safetensors Kind = "safetensors"
	ONNX        Kind = "onnx"
	JSON        Kind = "json"
	Pickle      Kind = "pickle"     // PyTorch's own .pt, .pth, .ckpt, .bin
	HDF5        Kind = "hdf5"       // Keras: .h5, .keras
	TensorFlow  Kind = "tensorflow" // a zip archive of a SavedModel or of TensorFlow.js's files
	TFLite      Kind = "tflite"
	GGUF        Kind = "gguf"
	NumPy       Kind = "numpy"     // .npy, .npz
	ZippedModel Kind = "zip-model" // a zip archive with a file that Open takes
	Archive     Kind = "archive"   // any other archive: zip, rar, 7z, tar
	Other       Kind = "other"
)

// Sniff recognises a file by its first bytes, for which 16 are enough; a zip archive by the names of the files in it,
// which stand before each of them and at the archive's end; and a tar archive by its first 262 bytes.
func Sniff(b []byte) Kind {
	head := string(b[:min(len(b), 16)])
	switch {
	case len(b) >= 9 && b[8] == '{' && head[3:8] == "\x00\x00\x00\x00\x00":
		return Safetensors
	case strings.HasPrefix(strings.TrimLeft(head, "\ufeff \t\r\n"), "{"), strings.HasPrefix(head, "["):
		return JSON
	case len(b) >= 2 && b[0] == 0x08 && b[1] < 0x80: // field 1, the format's version
		return ONNX
	}
	return sniffForeign(b)
}

// refusal is the error for another program's file, and says what to do.
func (k Kind) refusal() error {
	if says, ok := refusals[k]; ok {
		return refusal(Why(k), nil, "%s", says)
	}
	return refusal(WhyNoNetwork, nil, "this is no file of a network that is known; .safetensors and .onnx files are")
}
