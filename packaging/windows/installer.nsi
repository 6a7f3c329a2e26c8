; The installer: for one user, without an administrator. build.sh says VERSION, STAGE (the folder to install), OUT and ICON.
;
;   setup.exe /S              installs without a question; /D=FOLDER, at the end, elsewhere
;   uninstall.exe /S          removes it; settings and history stay
;
; Either ends with status 3, and has changed nothing, while Sockhop runs.

; The 32-bit one would do nothing where there is only 64-bit Wine.
Target amd64-unicode
SetCompressor /SOLID lzma
; In bytes of distance: the second program, 30 MB behind the first, then costs nothing.
SetCompressorDictSize 64
ManifestDPIAware true
RequestExecutionLevel user
BrandingText "Sockhop ${VERSION}"

!include MUI2.nsh
!include FileFunc.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Sockhop"
!define STILL_RUNS 3

Name "Sockhop"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Sockhop"
; An upgrade goes where the older version is.
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"

VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=1033 "ProductName" "Sockhop"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileDescription" "Sockhop setup"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "LegalCopyright" "MIT OR Apache-2.0"

; What it says of the settings and the history stands among its details.
ShowUninstDetails show

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\sockhop.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
; The first one is for all who have neither.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString RUNS ${LANG_ENGLISH} "Sockhop is running. Close it, then try again."
LangString RUNS ${LANG_SIMPCHINESE} "Sockhop 正在运行。请先关闭它，然后重试。"
LangString KEPT ${LANG_ENGLISH} "Settings and history were kept in $LOCALAPPDATA\sockhop"
LangString KEPT ${LANG_SIMPCHINESE} "设置和历史记录保留在 $LOCALAPPDATA\sockhop"

; Windows lets nobody write to a program that runs.
!macro STOP_WHILE_RUNS FILE
  !define ID ${__LINE__}
  again_${ID}:
  IfFileExists "$INSTDIR\${FILE}" 0 done_${ID}
  ClearErrors
  FileOpen $0 "$INSTDIR\${FILE}" a
  IfErrors runs_${ID}
  FileClose $0
  Goto done_${ID}
  runs_${ID}:
  IfSilent stop_${ID}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNS)" IDRETRY again_${ID}
  stop_${ID}:
  SetErrorLevel ${STILL_RUNS}
  Quit
  done_${ID}:
  !undef ID
!macroend

Section
  !insertmacro STOP_WHILE_RUNS "sockhop.exe"
  !insertmacro STOP_WHILE_RUNS "sockhop.com"
  SetOutPath "$INSTDIR"
  File /r "${STAGE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Sockhop.lnk" "$INSTDIR\sockhop.exe"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Sockhop"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\sockhop.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Sockhop"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

Section "Uninstall"
  !insertmacro STOP_WHILE_RUNS "sockhop.exe"
  !insertmacro STOP_WHILE_RUNS "sockhop.com"
  ; Only what was put there: somebody may have chosen a folder with other things in it.
  Delete "$INSTDIR\sockhop.exe"
  Delete "$INSTDIR\sockhop.com"
  Delete "$INSTDIR\licenses\LICENSE-MIT"
  Delete "$INSTDIR\licenses\LICENSE-APACHE"
  Delete "$INSTDIR\licenses\of-what-is-in-it.txt"
  RMDir "$INSTDIR\licenses"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Sockhop.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DetailPrint "$(KEPT)"
SectionEnd
