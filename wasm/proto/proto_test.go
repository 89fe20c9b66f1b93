package proto

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestGolden pins the JSON of every message. A change here needs a new Version.
func TestGolden(t *testing.T) {
	golden := []struct {
		message any
		want    string
	}{
		{Load{"https://a/m/", "resnet50", 2},
			`{"models":"https://a/m/","model":"resnet50","threads":2}`},
		{Progress{PhaseDownload, 3, 4, 1, 2},
			`{"phase":"download","loaded":3,"total":4,"cached":1,"kept":2}`},
		{Block{"layer1.0", 1, 56, 55, 256, true},
			`{"name":"layer1.0","stage":1,"height":56,"width":55,"channels":256,"projection":true}`},
		{Classify{TopK: 5},
			`{"topK":5,"ablate":null}`},
		{Classify{5, map[int]Ablation{2: AblateShortcut}},
			`{"topK":5,"ablate":{"2":"shortcut"}}`},
		{Trace{map[int]Ablation{0: AblateResidual}, -1, 5, true},
			`{"ablate":{"0":"residual"},"block":-1,"topK":5,"taught":true}`},
		{Traced{[]BlockTrace{{1, 2, 3, -0.5}}, nil, nil},
			`{"blocks":[{"normX":1,"normF":2,"normY":3,"cosine":-0.5}],"classification":null,"predicted":null}`},
		{Predict{map[int]Ablation{3: AblateResidual}},
			`{"ablate":{"3":"residual"}}`},
		{Map{7, 8, -1, 2.5, 425},
			`{"width":7,"height":8,"min":-1,"max":2.5,"classIndex":425}`},
		{Sweep{nil, -1, true},
			`{"ablate":null,"classIndex":-1,"taught":true}`},
		{Swept{4, 0.5, []float64{0.25}},
			`{"classIndex":4,"probability":0.5,"without":[0.25]}`},
		{Steps{1, 2},
			`{"done":1,"total":2}`},
		{Filters{64, 7, 7},
			`{"count":64,"height":7,"width":7}`},
		{CAM{nil, 3, MethodGradCAM, 15, "f", 56, 28, true},
			`{"ablate":null,"classIndex":3,"method":"grad-cam","block":15,"source":"f","size":56,"stride":28,` +
				`"taught":true}`},
		{Classification{[]Prediction{{425, "barn", 0.5}}, Image{"JPEG", 4, 3}, Timing{1, 2, 3.5}},
			`{"predictions":[{"index":425,"label":"barn","probability":0.5}],` +
				`"image":{"format":"JPEG","width":4,"height":3},"ms":{"decode":1,"preprocess":2,"forward":3.5}}`},
		{Prepare{32, true, 2, true, 4, 7, true},
			`{"small":32,"inputs":true,"depth":2,"blocks":true,"augmentations":4,"seed":7,"taught":true}`},
		{Prepared{Image{"PNG", 4, 3}, "00ff"},
			`{"image":{"format":"PNG","width":4,"height":3},"dhash":"00ff"}`},
		{Train{MethodHead, []string{"a", "b"}, []int{0, 1}, []Side{SideTraining, SideValidation},
			[]string{"00ff", "0f0f"}, 0, 0, []int{13}, 0, true, 1, 15000},
			`{"method":"head","classes":["a","b"],"labels":[0,1],"sides":[1,2],"dhashes":["00ff","0f0f"],` +
				`"augmentations":0,"epochs":0,"blocks":[13],"depth":0,"noMirror":true,"seed":1,"checkpointMS":15000}`},
		{TrainStep{MethodHead, 3, 0, &Score{2, 0.5, 0.25}, nil},
			`{"method":"head","done":3,"total":0,"train":{"n":2,"accuracy":0.5,"loss":0.25},"validation":null}`},
		{Split{[]SplitPicture{{"a", "00ff", 1, 2}}, 0.25, 1},
			`{"pictures":[{"id":"a","dhash":"00ff","class":1,"side":2}],"fraction":0.25,"seed":1}`},
		{Answer{-1, 1, []float64{0.25, 0.75}},
			`{"class":-1,"best":1,"probabilities":[0.25,0.75]}`},
		{Inspect{2, []InspectedItem{{1, "ab", "00ff"}}, 0, []Near{{0, 1, true}}, []int{}},
			`{"classes":2,"pictures":[{"class":1,"hash":"ab","dhash":"00ff"}],"known":0,` +
				`"pairs":[{"a":0,"b":1,"exact":true}],"rows":[]}`},
		{Compare{[]int{0}, []int{1}, []int{0}},
			`{"labels":[0],"base":[1],"other":[0]}`},
		{Adapt{[]string{"a", "b"}, []int{0, 1}, []int{-1}, []int{13, 15}, []AdaptMethod{AdaptCORAL}, 1,
			[]string{"00ff"}, []string{}},
			`{"classes":["a","b"],"labels":[0,1],"targetLabels":[-1],"blocks":[13,15],"methods":["coral"],"seed":1,` +
				`"sourceDHashes":["00ff"],"targetDHashes":[]}`},
		{BlockDistance{13, []int{40, 30}, []int{40, 12}, 1.5, 1.25, 1.75, 0.5, 0.125, DistanceFar},
			`{"block":13,"pictures":[40,30],"different":[40,12],"a":1.5,"aLow":1.25,"aHigh":1.75,"mmd2":0.5,` +
				`"p":0.125,"verdict":"far"}`},
		{Export{FormatONNX},
			`{"format":"onnx"}`},
		{Cancel{7},
			`{"id":7}`},
		{Profile{3},
			`{"runs":3}`},
		{Times{1.5, 8, []LayerTime{{"conv1", "direct 6", 0.5, 9}}},
			`{"ms":1.5,"memory":8,"layers":[{"name":"conv1","algorithm":"direct 6","ms":0.5,"flop":9}]}`},
		{Error{CodeHTTP, "No.", map[string]string{"status": "404"}},
			`{"code":"http","message":"No.","details":{"status":"404"}}`},
		{Info{About{"m", "M", "ResNet-50", 1, 0, 256, 128, "F16", 9, "MIT", "s", true,
			[]Note{{"labels", "numbers"}}}, true, 0, 257, 129, true, []string{"a"}, "sigmoid", 1, nil, "add", false,
			"tanh", 1, "relaxed", "int8"},
			`{"model":"m","title":"M","architecture":"ResNet-50","classes":1,"inputSize":0,"inputHeight":256,` +
				`"inputWidth":128,"dtype":"F16",` +
				`"bytes":9,"license":"MIT","source":"s","own":true,"notes":[{"code":"labels","value":"numbers"}],` +
				`"kept":true,"shortSide":0,"resizeHeight":257,"resizeWidth":129,"squash":true,` +
				`"labels":["a"],"activation":"sigmoid",` +
				`"outputs":1,"blocks":null,"join":"add","linear":false,"nonlinearity":"tanh",` +
				`"threads":1,` +
				`"simd":"relaxed","compute":"int8"}`},
	}
	for _, c := range golden {
		want, message := c.want, c.message
		got, err := json.Marshal(message)
		if err != nil || string(got) != want {
			t.Errorf("%T is %s (%v), want %s", message, got, err, want)
		}
		back := reflect.New(reflect.TypeOf(message))
		if err := json.Unmarshal([]byte(want), back.Interface()); err != nil ||
			!reflect.DeepEqual(back.Elem().Interface(), message) {
			t.Errorf("%s reads as %v (%v), want %v", want, back.Elem(), err, message)
		}
	}
}
