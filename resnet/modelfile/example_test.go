package modelfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/modelfile"
)

// A file from Hugging Face is opened with its JSON file, saved under this program's own names, and run.
func ExampleOpen() {
	name := "transformers-v1.safetensors"
	weights, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		fmt.Println(err)
		return
	}
	config := []byte(`{"model_type": "resnet", "downsample_in_bottleneck": true,
		"id2label": {"0": "ant", "1": "bee", "2": "cat", "3": "dog", "4": "elk"}}`)
	opened, err := modelfile.Open(weights,
		modelfile.Options{Name: name, Sides: []modelfile.Side{{Name: "config.json", Data: config}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(modelfile.Architecture(opened.Config), opened.Names, opened.Card.Labels)
	for _, note := range opened.Notes {
		fmt.Println("assumed:", note.Code, note.Value)
	}

	var kept bytes.Buffer
	if err := opened.File.Write(&kept); err != nil {
		fmt.Println(err)
		return
	}
	model, err := resnet.Load(kept.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	logits := model.Forward(make([]float32, model.InputLen()), nil).Logits
	fmt.Println(len(logits), "logits")
	// Output:
	// ResNet-11 transformers [ant bee cat dog elk]
	// assumed: norm-epsilon 1e-05
	// assumed: preprocessing imagenet
	// assumed: input-size 224
	// 5 logits
}

// A network is opened with everything that lies in its folder: its files are told by their contents and names.
func ExampleOpenFiles() {
	network, err := os.Open(filepath.Join("testdata", "basic-folded.onnx"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer network.Close()
	info, err := network.Stat()
	if err != nil {
		fmt.Println(err)
		return
	}
	labels := "ant\nbee\ncat\ndog\nelk\n"
	opened, err := modelfile.OpenFiles([]modelfile.GivenFile{
		{Name: "labels.txt", Size: int64(len(labels)), Data: strings.NewReader(labels)},
		{Name: "basic-folded.onnx", Size: info.Size(), Data: network},
		{Name: "README.md", Size: 6, Data: strings.NewReader("# Mine")},
	}, 1<<30)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(opened.Card.Title, opened.Card.Labels)
	for _, note := range opened.Notes {
		fmt.Println(note.Code, note.Value)
	}
	// Output:
	// basic-folded [ant bee cat dog elk]
	// preprocessing imagenet
	// side-unread README.md
}
